// The print page's button: it prints.
(() => {
  "use strict";
  const button = document.querySelector(".print-header button");
  button.hidden = false;
  button.addEventListener("click", () => print());
})();
