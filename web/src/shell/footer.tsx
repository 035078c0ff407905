// What can be set for this tab.
import { DEFAULT_MEMORY_MIB, MEMORY_RANGE_MIB } from "../store/kept.ts";
import { store } from "./store.ts";

export function Footer() {
  const [least, most] = MEMORY_RANGE_MIB;
  const change = (event: { currentTarget: HTMLInputElement }) => {
    const mib = event.currentTarget.valueAsNumber;
    if (Number.isInteger(mib) && mib >= least && mib <= most) store.memoryMib.value = mib;
    else event.currentTarget.value = String(store.memoryMib.value);
  };
  return (
    <footer class="page-footer">
      <label for="memory">Memory for results in this tab, in MiB</label>
      <input
        id="memory"
        type="number"
        min={least}
        max={most}
        step={16}
        value={store.memoryMib.value}
        aria-describedby="memory-help"
        onChange={change}
      />
      <span id="memory-help" class="muted">
        {DEFAULT_MEMORY_MIB} unless set. Beyond it, results used longest ago are let go, and read again when opened.
      </span>
    </footer>
  );
}
