// Shows times in the browser's zone, and keeps what is picked when another zone is shown. Sends and changes nothing.
"use strict";

// The server sets data-zone only on a page that was opened without a zone; never on the answer to a form.
const shown = document.documentElement.dataset.zone;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const address = new URL(location.href);
if (shown && here && here !== shown && !address.searchParams.has("zone")) {
  address.searchParams.set("zone", here);
  location.replace(address);
}

const choice = document.getElementById("choice");
document.getElementById("zone-form")?.addEventListener("formdata", (event) => {
  const picked = choice ? new FormData(choice).getAll("slot") : [];
  event.formData.delete("slot");
  if (picked.length) event.formData.set("slot", picked.join(","));
});
