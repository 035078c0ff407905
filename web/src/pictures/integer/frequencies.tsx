// How often each digit occurs, and whether that is more than chance.

import { counted, Figure, share } from "../figure.tsx";
import { useReading, type Source } from "../reading.ts";
import { Bars } from "./bars.tsx";
import { deviations, DigitCounter, verdict } from "./digits.ts";

/** The digit frequencies of an integer. */
export function Frequencies(props: { source: Source; expected: number | undefined }) {
  const counter = useReading(props.source, props.expected, () => new DigitCounter());
  const counts = [...counter.counts];
  const total = counter.total;
  const finding = `${counted(total)} digits. ${verdict(counts)}`;
  return (
    <Figure title="Digit frequencies" finding={finding} table={() => <FrequencyTable counts={counts} total={total} />}>
      <Bars counts={counts} total={total} finding={finding} />
      <p class="picture-legend">
        <span>
          <svg class="picture-key" viewBox="0 0 16 8" aria-hidden="true">
            <line class="picture-expected" x1="0" x2="16" y1="4" y2="4" />
          </svg>
          a tenth of all digits
        </span>
        <span>
          <svg class="picture-key" viewBox="0 0 16 8" aria-hidden="true">
            <line class="picture-limit" x1="0" x2="16" y1="4" y2="4" />
          </svg>
          below, magnified: 95 of 100 random counts lie between these
        </span>
      </p>
    </Figure>
  );
}

function FrequencyTable({ counts, total }: { counts: number[]; total: number }) {
  const apart = deviations(counts);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Digit</th>
          <th scope="col">Count</th>
          <th scope="col">Share</th>
          <th scope="col">Standard deviations from a tenth</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((count, digit) => (
          <tr key={digit}>
            <th scope="row">{digit}</th>
            <td>{counted(count)}</td>
            <td>{share(count, total)}</td>
            <td>{apart[digit]!.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
