/** Formula (TeX) and source of each term; its words are in `en.ts` and `pt.ts`. No command that writes style attributes. */
interface TermFacts {
  readonly tex?: readonly string[];
  readonly source?: string;
}

const facts = {
  gradient: {
    tex: [
      String.raw`\nabla_w L=\Big(\tfrac{\partial L}{\partial w_1},\dots,\tfrac{\partial L}{\partial w_n}\Big)`,
    ],
  },
  loss: {},
  chainRule: {
    tex: [
      String.raw`\frac{\partial L}{\partial x}=\frac{\partial L}{\partial y}\,\frac{\partial y}{\partial x}`,
    ],
  },
  factor: {
    tex: [
      String.raw`\frac{\operatorname{rms}(\partial L/\partial a_{l-1})}{\operatorname{rms}(\partial L/\partial a_l)}`,
    ],
  },
  rms: { tex: [String.raw`\operatorname{rms}(x)=\sqrt{\tfrac1n\sum_i x_i^2}`] },
  sigmoid: {
    tex: [
      String.raw`\sigma(z)=\frac{1}{1+e^{-z}}`,
      String.raw`\sigma'(z)=\sigma(z)\,(1-\sigma(z))\le\tfrac14`,
    ],
  },
  saturation: { tex: [String.raw`|\phi'(z)|\ll\max|\phi'|`] },
  relu: { tex: [String.raw`\operatorname{relu}(z)=\max(0,z)`] },
  deadUnit: {
    tex: [String.raw`w^{\top}x+b<0\quad\forall x`],
    source: 'Lu et al. 2019, arXiv:1903.06733',
  },
  vanishing: {
    tex: [String.raw`\lVert\delta_1\rVert\approx\lVert\delta_L\rVert\,\chi^{L/2},\qquad\chi<1`],
    source: 'Hochreiter 1991; Bengio, Simard & Frasconi 1994, doi:10.1109/72.279181',
  },
  exploding: {
    tex: [String.raw`\lVert\delta_1\rVert\approx\lVert\delta_L\rVert\,\chi^{L/2},\qquad\chi>1`],
    source: 'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063',
  },
  forwardDecay: { tex: [String.raw`\operatorname{rms}(a_l)\to 0,\quad l\to L`] },
  nonFinite: {},
  init: { tex: [String.raw`W_{ij}\sim\mathcal N\!\big(0,\sigma_w^2/n\big)`] },
  xavier: {
    tex: [String.raw`\operatorname{Var}W_{ij}=\frac{2}{n_{\text{in}}+n_{\text{out}}}`],
    source: 'Glorot & Bengio 2010 (AISTATS)',
  },
  he: {
    tex: [String.raw`\operatorname{Var}W_{ij}=\frac{2}{n_{\text{in}}}`],
    source: 'He et al. 2015, arXiv:1502.01852',
  },
  orthogonal: { tex: [String.raw`W^{\top}W=I`], source: 'Saxe, McClelland & Ganguli 2014, arXiv:1312.6120' },
  meanField: {
    tex: [String.raw`\chi=\sigma_w^2\,\mathbb E_{z\sim\mathcal N(0,1)}\big[\phi'(\sqrt q\,z)^2\big]`],
    source: 'Schoenholz et al. 2017, arXiv:1611.01232',
  },
  theoryBand: {
    tex: [String.raw`\operatorname{Var}\ln\lVert J u\rVert^2\approx\frac{5L}{n}`],
    source: 'Hanin & Nica 2019, arXiv:1812.05994',
  },
  learningRate: { tex: [String.raw`w\leftarrow w-\eta\,\nabla_w L`] },
  adam: {
    tex: [String.raw`w\leftarrow w-\eta\,\frac{\hat m}{\sqrt{\hat v}+\varepsilon}`],
    source: 'Kingma & Ba 2015, arXiv:1412.6980',
  },
  oscillation: {},
  clipping: {
    tex: [String.raw`g\leftarrow g\cdot\min\!\Big(1,\frac{c}{\lVert g\rVert}\Big)`],
    source: 'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063',
  },
  batchNorm: {
    tex: [
      String.raw`y=\gamma\,\frac{x-\mu_{\text{batch}}}{\sqrt{\sigma_{\text{batch}}^2+\varepsilon}}+\beta`,
    ],
    source: 'Ioffe & Szegedy 2015, arXiv:1502.03167',
  },
  layerNorm: {
    tex: [
      String.raw`y=\gamma\,\frac{x-\mu_{\text{sample}}}{\sqrt{\sigma_{\text{sample}}^2+\varepsilon}}+\beta`,
    ],
    source: 'Ba, Kiros & Hinton 2016, arXiv:1607.06450',
  },
  residual: { tex: [String.raw`y=x+F(x)`], source: 'He et al. 2015, arXiv:1512.03385' },
  shortcut: {},
  fixup: { source: 'Zhang, Dauphin & Ma 2019, arXiv:1901.09321' },
  shattered: { source: 'Balduzzi et al. 2017, arXiv:1702.08591' },
  rankCollapse: {},
  symmetry: {},
  unscaledInput: { tex: [String.raw`\hat x=\frac{x-\mu}{\sigma}`] },
  lossMismatch: {},
  bptt: {
    tex: [
      String.raw`\frac{\partial L}{\partial h_t}=\frac{\partial L}{\partial h_T}\prod_{k=t+1}^{T}\frac{\partial h_k}{\partial h_{k-1}}`,
    ],
  },
  spectralRadius: {
    tex: [String.raw`\rho(W)=\max_i|\lambda_i(W)|`, String.raw`\lVert W^t\rVert^{1/t}\to\rho(W)`],
  },
  lstm: {
    tex: [String.raw`c_t=f_t\odot c_{t-1}+i_t\odot g_t`, String.raw`h_t=o_t\odot\tanh(c_t)`],
    source: 'Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735',
  },
  forgetGate: {
    tex: [String.raw`f_t=\sigma(W_f x_t+U_f h_{t-1}+b_f)`],
    source: 'Gers, Schmidhuber & Cummins 2000',
  },
  attention: {
    tex: [String.raw`\operatorname{softmax}\!\Big(\frac{QK^{\top}}{\sqrt d}\Big)V`],
    source: 'Vaswani et al. 2017, arXiv:1706.03762',
  },
  preNorm: {
    tex: [String.raw`\text{pre: }x+F(\mathrm{LN}(x))`, String.raw`\text{post: }\mathrm{LN}(x+F(x))`],
    source: 'Xiong et al. 2020, arXiv:2002.04745',
  },
  warmup: {
    tex: [String.raw`\eta_t=\eta\cdot\min(1,\,t/T_{\text{warm}})`],
    source: 'Goyal et al. 2017, arXiv:1706.02677',
  },
  crossEntropy: { tex: [String.raw`L=-\ln p_y`] },
  auc: { tex: [String.raw`\mathrm{AUC}=P\big(s_{+}>s_{-}\big)`] },
  unet: { source: 'Ronneberger, Fischer & Brox 2015, arXiv:1505.04597' },
  detector: { source: 'Redmon et al. 2016, arXiv:1506.02640' },
} as const satisfies Readonly<Record<string, TermFacts>>;

/** Names of the terms that the glossary explains. */
export type TermId = keyof typeof facts;

export const formulas: Readonly<Record<TermId, TermFacts>> = facts;

export function isTerm(id: string): id is TermId {
  return Object.hasOwn(facts, id);
}

/** The term that explains a finding; null where the glossary has none. */
export function termOfFinding(id: string): TermId | null {
  if (isTerm(id)) return id;
  if (id === 'deadUnits') return 'deadUnit';
  return id.startsWith('learningRate') ? 'learningRate' : null;
}
