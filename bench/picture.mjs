// Step time against depth and against width as one SVG, from the records of scaling.mjs: logarithmic axes, minima; for
// depth the band of 10 % around the line a + b · depth that fits best.

const WIDE = 430;
const HIGH = 320;
const MARGIN = { left: 62, right: 16, top: 34, bottom: 44 };
const colours = { relaxed: '#0072b2', simd: '#d55e00' };

/** An SVG document; panels for which there are no records are left out. */
export function picture(records) {
  const panels = [
    ['depth', 'layers of 32, batch 32', 'depths'],
    ['width', 'units in each of 8 layers, batch 64', 'widths'],
  ];
  const drawn = panels
    .map(([bench, title, axis]) => ({
      title,
      series: records
        .filter((record) => record.bench === bench)
        .map((record) => ({
          variant: record.variant,
          points: record[axis].map((x, i) => [x, record.times[i].minMs]),
          line: bench === 'depth' ? (x) => record.a + record.b * x : null,
        })),
    }))
    .filter(({ series }) => series.length > 0)
    .map((panel, i) => draw(panel, i * WIDE));
  const size = `width="${WIDE * Math.max(1, drawn.length)}" height="${HIGH}"`;
  const style =
    '<style>text{font:12px system-ui,sans-serif;fill:#333}</style><rect width="100%" height="100%" fill="#fff"/>';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${style}${drawn.join('')}</svg>\n`;
}

function draw({ title, series }, left) {
  const all = series.flatMap(({ points }) => points);
  const x = scale(
    all.map(([value]) => value),
    MARGIN.left,
    WIDE - MARGIN.right,
  );
  const y = scale(
    all.map(([, value]) => value),
    HIGH - MARGIN.bottom,
    MARGIN.top,
  );
  const path = (points) => points.map(([a, b], i) => `${i ? 'L' : 'M'}${at(x(a))} ${at(y(b))}`).join('');
  const text = (a, b, anchor, value) =>
    `<text x="${at(a)}" y="${at(b)}" text-anchor="${anchor}">${value}</text>`;
  const parts = [text(WIDE / 2, 18, 'middle', `ms a step against ${title}`)];
  for (const value of new Set(all.map(([value]) => value))) {
    parts.push(`<path d="M${at(x(value))} ${MARGIN.top}V${HIGH - MARGIN.bottom}" stroke="#e5e5e5"/>`);
    parts.push(text(x(value), HIGH - MARGIN.bottom + 18, 'middle', value));
  }
  for (let power = Math.ceil(y.low); power <= y.high; power++) {
    parts.push(`<path d="M${MARGIN.left} ${at(y(10 ** power))}H${WIDE - MARGIN.right}" stroke="#e5e5e5"/>`);
    parts.push(text(MARGIN.left - 6, y(10 ** power) + 4, 'end', `${10 ** power} ms`));
  }
  series.forEach(({ variant, points, line }, i) => {
    const colour = colours[variant];
    if (line) {
      const [first, last] = [points[0][0], points.at(-1)[0]];
      const stops = Array.from({ length: 40 }, (_, s) => first * (last / first) ** (s / 39));
      const edge = (factor) => stops.map((stop) => [stop, factor * Math.max(line(stop), 1e-6)]);
      const outline = path([...edge(0.9), ...edge(1.1).reverse()]);
      parts.push(`<path d="${outline}Z" fill="${colour}" opacity="0.18"/>`);
    }
    parts.push(`<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="1.5"/>`);
    for (const [a, b] of points)
      parts.push(`<circle cx="${at(x(a))}" cy="${at(y(b))}" r="3" fill="${colour}"/>`);
    const row = MARGIN.top + 16 + 16 * i;
    parts.push(`<circle cx="${MARGIN.left + 14}" cy="${row - 4}" r="4" fill="${colour}"/>`);
    parts.push(text(MARGIN.left + 24, row, 'start', variant));
  });
  return `<g transform="translate(${left} 0)">${parts.join('')}</g>`;
}

/** A logarithmic axis over the values, from `from` to `to` pixels; `low` and `high` are the powers of ten it spans. */
function scale(values, from, to) {
  const logs = values.map(Math.log10);
  const [low, high] = [Math.min(...logs) - 0.08, Math.max(...logs) + 0.08];
  const place = (value) => from + ((to - from) * (Math.log10(value) - low)) / (high - low || 1);
  return Object.assign(place, { low, high });
}

function at(pixels) {
  return pixels.toFixed(1);
}
