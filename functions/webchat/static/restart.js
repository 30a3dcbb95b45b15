/** The button that forgets the conversation, and its confirmation. */
export function offerRestart(page, texts, restart) {
  const dialog = page["restart-dialog"];
  page.restart.setAttribute("aria-label", texts.restart);
  page.restart.title = texts.restart;
  page["restart-title"].textContent = texts.restart;
  page["restart-text"].textContent = texts.restartText;
  page["restart-cancel"].textContent = texts.cancel;
  page["restart-confirm"].textContent = texts.restart;
  page.restart.addEventListener("click", () => {
    dialog.returnValue = "";
    dialog.showModal();
  });
  // Escape closes the dialog, not the chat around it
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "restart") restart();
  });
}
