/**
 * Runs before the first paint and stays: as long as nobody has chosen, the page looks as the system does, also when the
 * system changes at dusk.
 */
export const FOLLOW_SYSTEM = `(()=>{const d=document.documentElement,m=matchMedia('(prefers-color-scheme: dark)'),f=()=>{const t=m.matches?'dark':'light';if(!('chosen' in d.dataset)&&d.dataset.theme!==t)d.dataset.theme=t};f();m.addEventListener('change',f);new MutationObserver(f).observe(d,{attributeFilter:['data-theme','data-chosen']})})()`
