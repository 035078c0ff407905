// One field of a form: label, input, help from the contract, and what is wrong with it.
import { Prose } from "../shell/prose.tsx";
import type { Field } from "./model.ts";

interface Props {
  field: Field;
  id: string;
  value: string | boolean;
  /** What is wrong with it; nothing when nothing is known to be. */
  wrong: string | undefined;
  onChange: (value: string | boolean) => void;
}

export function FieldInput(props: Props) {
  const { field, id, wrong } = props;
  const isCheckbox = field.input.kind === "checkbox";
  return (
    <div class={isCheckbox ? "field field-check" : "field"}>
      {isCheckbox && <Control {...props} />}
      <label for={id}>
        {field.label}
        {field.input.kind === "seconds" && <span class="muted"> in seconds</span>}
      </label>
      {!isCheckbox && <Control {...props} />}
      {wrong && (
        <p id={`${id}-wrong`} class="wrong">
          {field.label} {wrong}
        </p>
      )}
      {field.help && (
        <p id={`${id}-help`} class="help">
          <Prose text={field.help} />
        </p>
      )}
    </div>
  );
}

function Control({ field, id, value, wrong, onChange }: Props) {
  const described = [wrong && `${id}-wrong`, field.help && `${id}-help`].filter(Boolean).join(" ");
  const common = {
    id,
    name: field.name,
    "aria-invalid": wrong !== undefined,
    ...(described ? { "aria-describedby": described } : {}),
    spellcheck: false,
    autocomplete: "off" as const,
  };
  const text = String(value);
  switch (field.input.kind) {
    case "checkbox":
      return <input {...common} type="checkbox" checked={value === true} onChange={(e) => onChange(e.currentTarget.checked)} />;
    case "choice":
      return (
        <select {...common} value={text} onChange={(e) => onChange(e.currentTarget.value)}>
          {field.input.options.map(({ number, label }) => (
            <option key={number} value={String(number)}>
              {label}
            </option>
          ))}
        </select>
      );
    case "digits":
    case "json":
      return <textarea {...common} class="number" rows={1} value={text} onInput={(e) => onChange(e.currentTarget.value)} />;
    default:
      return (
        <input
          {...common}
          type="text"
          class={field.input.kind === "text" ? "" : "number"}
          inputMode={INPUT_MODES[field.input.kind]}
          value={text}
          onInput={(e) => onChange(e.currentTarget.value)}
        />
      );
  }
}

const INPUT_MODES = { integer: "numeric", number: "decimal", seconds: "decimal", text: "text" } as const;
