"""PyTorch on the CPU: python3 torch_peer.py WORKLOAD THREADS [nhwc]. Prints one JSON line, as turns.mjs does.

The detector is the module that Fuga exports, read from standard input. Its loss there is the mean square of its rows:
PyTorch is spared the assignment of objects and the boxes' overlap, which ours computes.
"""
import json
import sys
import time


def main():
    try:
        import torch
    except ImportError:
        return {"error": "absent: python3 has no torch"}
    name, threads, *layout = sys.argv[1:]
    torch.manual_seed(1)
    torch.set_num_threads(int(threads))
    F, nn = torch.nn.functional, torch.nn
    channels_last = layout == ["nhwc"]

    class Lstm(nn.Module):
        def __init__(self, hidden):
            super().__init__()
            self.cell = nn.LSTM(32, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 10)

        def forward(self, x):
            return self.head(self.cell(x)[0][:, -1])

    class Residual(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            conv = lambda i, o, s, k: nn.Conv2d(i, o, k, s, k // 2, bias=False)
            self.branch = nn.Sequential(
                conv(into, out, stride, 3), nn.BatchNorm2d(out), nn.ReLU(), conv(out, out, 1, 3), nn.BatchNorm2d(out)
            )
            same = stride == 1
            self.skip = nn.Identity() if same else nn.Sequential(conv(into, out, stride, 1), nn.BatchNorm2d(out))

        def forward(self, x):
            return F.relu(self.branch(x) + self.skip(x))

    class Block(nn.Module):
        def __init__(self, width, heads, hidden):
            super().__init__()
            self.heads = heads
            self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)

        def forward(self, x):
            n, t, d = x.shape
            parts = self.qkv(self.first(x)).view(n, t, 3, self.heads, d // self.heads)
            q, k, v = parts.permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(n, t, d))
            return x + self.down(F.gelu(self.up(self.second(x))))

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.places = nn.Embedding(65, 128), nn.Parameter(torch.zeros(128, 128))
            self.blocks = nn.Sequential(*[Block(128, 4, 512) for _ in range(4)])
            self.last, self.head = nn.LayerNorm(128), nn.Linear(128, 65, bias=False)

        def forward(self, ids):
            return self.head(self.last(self.blocks(self.table(ids) + self.places))).flatten(0, 1)

    def mlp(into, width, depth):
        layers = []
        for i in range(depth):
            layers += [nn.Linear(into if i == 0 else width, width), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(width, 10))

    def conv3():
        layers = []
        for into, out in ((3, 16), (16, 32), (32, 32)):
            layers += [nn.Conv2d(into, out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))

    def resnet20():
        layers, into = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
        for out in (16, 32, 64):
            for i in range(3):
                layers.append(Residual(into, out, 2 if out > 16 and i == 0 else 1))
                into = out
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))

    def exported():
        module = {}
        exec(sys.stdin.read(), module)
        return module["Network"]()

    makers = {
        "mlpWide": (lambda: mlp(784, 256, 8), (64, 784)),
        "mlpDeep": (lambda: mlp(64, 64, 49), (32, 64)),
        "thousand": (lambda: mlp(32, 32, 1000), (32, 32)),
        "conv3": (conv3, (32, 3, 32, 32)),
        "resnet20": (resnet20, (32, 3, 32, 32)),
        "lstm64": (lambda: Lstm(64), (32, 100, 32)),
        "lstm128": (lambda: Lstm(128), (32, 100, 32)),
        "gptMini": (Gpt, (8, 128)),
        "yolo": (exported, (4, 3, 160, 160)),
    }
    make, shape = makers[name]
    net = make()
    if name == "gptMini":
        x = torch.randint(65, shape)
        target = torch.randint(65, (shape[0] * shape[1],))
    else:
        x, target = torch.randn(shape), torch.arange(shape[0]) % 10
    if channels_last:
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    loss = (lambda rows: rows.square().mean()) if name == "yolo" else (lambda scores: F.cross_entropy(scores, target))
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-9)

    def step():
        optimizer.zero_grad()
        loss(net(x)).backward()
        optimizer.step()

    for _ in range(5):
        step()
    times, start = [], time.perf_counter()
    while len(times) < 3 or (len(times) < 200 and time.perf_counter() - start < 2.5):
        begin = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - begin))
    times.sort()
    return {"minMs": times[0], "medianMs": times[len(times) // 2], "count": len(times), "version": torch.__version__}


try:
    print(json.dumps(main()))
except Exception as error:
    print(json.dumps({"error": str(error).split("\n")[0][:160]}))
