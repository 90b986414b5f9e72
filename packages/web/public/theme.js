// Runs before the first paint, so that a chosen theme never flashes the other one.
try {
  const theme = localStorage.getItem('fuga.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be refused; the system's theme is used then.
}

// Nothing of the lab is there yet to say why it does not come: opened as a file, a browser from long ago.
addEventListener(
  'error',
  () => {
    const boot = document.getElementById('boot');
    if (boot && !document.getElementById('app')?.firstChild) boot.hidden = false;
  },
  true,
);
