export default function ({ setTriggerValue }) {
  const app = document.querySelector('[data-testid="stApp"]');
  const scheme = () => getComputedStyle(app).colorScheme;
  // Popovers stand beside the app in the page: colors are chosen there by the page's own scheme.
  const tell = () => { document.documentElement.style.colorScheme = known; };
  let known = scheme();
  tell();
  const watch = new MutationObserver(() => {
    if (scheme() === known) return;
    known = scheme();
    tell();
    setTriggerValue('turned', known);
  });
  watch.observe(app, { attributes: true });
  return () => watch.disconnect();
}
