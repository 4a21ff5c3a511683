export default function ({ setTriggerValue }) {
  const app = document.querySelector('[data-testid="stApp"]');
  const scheme = () => getComputedStyle(app).colorScheme;
  let known = scheme();
  const watch = new MutationObserver(() => {
    if (scheme() === known) return;
    known = scheme();
    setTriggerValue('turned', known);
  });
  watch.observe(app, { attributes: true });
  return () => watch.disconnect();
}
