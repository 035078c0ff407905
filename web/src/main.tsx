// The page starts here.
import { render } from "preact";
import { App } from "./shell/app.tsx";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/forms.css";
import "./styles/result.css";
import "./styles/rows.css";
import "./styles/requests.css";

const root = document.getElementById("page");
if (root) render(<App />, root);
