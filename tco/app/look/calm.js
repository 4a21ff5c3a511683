// While a page is loaded its parts arrive one by one, and each would move the others: it is shown
// once all of them have come, or at last after some seconds. The answer that was served with the
// page stands there until then.
(() => {
  const LAST = 8000, LETTERS = 1000, root = document.documentElement;
  const COMES_LATER = '[class*="stPrintGraphic"]'; // a chart has its height before it is drawn
  const ABOUT = 'h1, [data-testid="stAlert"], [data-testid="stException"]';
  const show = () => {
    watch.disconnect();
    clearTimeout(timer);
    root.classList.remove('tco-loading');
    document.querySelector('.tco-first')?.remove();
  };
  const look = () => {
    const isLate = !root.classList.contains('tco-loading');
    if (isLate && document.querySelector('#root .tco-strip')) show();
    const app = document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');
    const main = app?.querySelector('[data-testid="stMainBlockContainer"]');
    if (!main?.querySelector(ABOUT)) return;
    const awaited = [...main.querySelectorAll('[data-testid="stSkeleton"]')];
    if (awaited.every((one) => one.closest(COMES_LATER))) document.fonts.ready.then(show);
  };
  // The colors that the reader chose, as Streamlit keeps that, or those of the system.
  const scheme = () => {
    try {
      return JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`)).toLowerCase();
    } catch {
      return '';
    }
  };
  const watch = new MutationObserver(look);
  const timer = setTimeout(() => {
    root.classList.remove('tco-loading');
    look();
  }, LAST);
  root.classList.add('tco-loading', 'tco-mute');
  const speak = () => root.classList.remove('tco-mute');
  document.fonts.load('1em "Source Sans"').then(speak, speak);
  setTimeout(speak, LETTERS);
  root.style.colorScheme = ['light', 'dark'].find((one) => one === scheme()) ?? 'light dark';
  watch.observe(root, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['data-test-script-state'],
  });
})();
