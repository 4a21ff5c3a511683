// While a page is loaded its parts arrive one by one, and each would move the others: it is shown
// once all of them have come, or at last after some seconds.
(() => {
  const LAST = 8000, root = document.documentElement;
  const COMES_LATER = '[class*="stPrintGraphic"]'; // a chart has its height before it is drawn
  const ABOUT = 'h1, [data-testid="stAlert"], [data-testid="stException"]';
  const show = () => {
    watch.disconnect();
    clearTimeout(timer);
    root.classList.remove('tco-loading');
  };
  const look = () => {
    const app = document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');
    const main = app?.querySelector('[data-testid="stMainBlockContainer"]');
    if (!main?.querySelector(ABOUT)) return;
    const awaited = [...main.querySelectorAll('[data-testid="stSkeleton"]')];
    if (awaited.every((one) => one.closest(COMES_LATER))) document.fonts.ready.then(show);
  };
  const watch = new MutationObserver(look);
  const timer = setTimeout(show, LAST);
  root.classList.add('tco-loading');
  watch.observe(root, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['data-test-script-state'],
  });
})();
