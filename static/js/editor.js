// One face for the text of a pane: a <textarea>, or the Ace editor over it.
let loading = null;

export function plainField(area, typed) {
  area.addEventListener("input", typed);
  return {
    get text() { return area.value; },
    // New text from elsewhere: whoever looks at it stays where they are.
    show(text) {
      const { selectionStart, selectionEnd, scrollTop } = area;
      area.value = text;
      area.setSelectionRange(selectionStart, selectionEnd);
      area.scrollTop = scrollTop;
    },
    goTo(line, column) {
      const at = offset(area.value, line, column);
      area.focus();
      area.setSelectionRange(at, at);
    },
    replace(span, text) {
      const [start, end] = [offset(area.value, span.line, span.column), offset(area.value, span.endLine, span.endColumn)];
      area.setRangeText(text, start, end, "end");
      typed();
    },
    mark() {},
    get hasFocus() { return document.activeElement === area; },
    close() { area.removeEventListener("input", typed); },
  };
}

function offset(text, line, column) {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return Math.min(at + column - 1, text.length);
}

function fetched(kind, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(kind), attributes);
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}

// Names of files carry a hash, so each is named to Ace; it guesses none.
async function load(files) {
  // The styles, too, are waited for: what is measured without them moves when they come.
  loading ??= Promise.all([
    fetched("script", { src: files.ace }),
    ...[files.aceStyle, files.style].map((href) => fetched("link", { rel: "stylesheet", href })),
  ]).then(() => {
    const { ace } = window;
    ace.config.set("useStrictCSP", true);
    ace.config.set("loadWorkerFromBlob", false);
    ace.config.setDefaultValue("session", "useWorker", false);
    ace.config.setModuleUrl("ace/ext/searchbox", files.search);
    // Colors stand in editor.css, as tokens that follow the theme of the page.
    ace.define("ace/theme/flint", ["require", "exports"], (_, exports) => {
      Object.assign(exports, { isDark: false, cssClass: "ace-flint", cssText: "" });
    });
    return ace;
  });
  const ace = await loading;
  ace.config.setModuleUrl(`ace/mode/${files.mode}`, files.modeFile);
  return ace;
}

export async function aceField(area, box, files, label, typed) {
  const ace = await load(files);
  if (!area.isConnected) throw new Error("The pane is gone.");
  const { Range } = ace.require("ace/range");
  const hadFocus = document.activeElement === area;
  box.hidden = false;
  area.hidden = true;
  const style = getComputedStyle(box);
  const editor = ace.edit(box, {
    value: area.value, mode: `ace/mode/${files.mode}`, theme: "ace/theme/flint", readOnly: area.readOnly,
    fontFamily: style.fontFamily, fontSize: style.fontSize, showPrintMargin: false, tabSize: 2, wrap: true,
    newLineMode: "unix", highlightActiveLine: !area.readOnly, highlightGutterLine: !area.readOnly, fixedWidthGutter: true,
  });
  const { session } = editor;
  const input = editor.textInput.getElement();
  input.setAttribute("aria-label", label);
  input.setAttribute("aria-describedby", area.getAttribute("aria-describedby"));
  leaveByTab(editor);
  let quiet = false;
  editor.on("change", () => quiet || typed());
  editor.session.selection.moveTo(0, 0);
  const range = (s) => new Range(s.line - 1, s.column - 1, s.endLine - 1, s.endColumn - 1);
  let marks = [];
  if (hadFocus) editor.focus();
  return {
    get text() { return editor.getValue(); },
    show(text) {
      if (text === editor.getValue()) return;
      const [at, top] = [editor.getCursorPosition(), session.getScrollTop()];
      quiet = true;
      session.setValue(text);
      quiet = false;
      session.selection.moveTo(at.row, at.column);
      session.setScrollTop(top);
    },
    goTo(line, column) {
      editor.focus();
      editor.gotoLine(line, column - 1, false);
    },
    replace(span, text) { session.replace(range(span), text); },
    mark(said) {
      marks.forEach((id) => session.removeMarker(id));
      marks = said.map((each) => session.addMarker(range(each), `pane-mark ${each.kind}`, "text"));
      session.setAnnotations(said.map((each) => ({
        row: each.line - 1, column: each.column - 1, text: each.message, type: each.kind === "bad" ? "error" : "warning",
      })));
    },
    get hasFocus() { return editor.isFocused(); },
    close() {
      area.value = editor.getValue();
      editor.destroy();
      box.replaceChildren();
      box.hidden = true;
      area.hidden = false;
    },
  };
}

// Tab leaves, as it does everywhere else on the page, so that nobody who walks through spoils the text.
function leaveByTab(editor) {
  editor.commands.bindKeys({ Tab: null, "Shift-Tab": null, "Ctrl-]|Command-]": "blockindent", "Ctrl-[|Command-[": "blockoutdent" });
}
