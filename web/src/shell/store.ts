// The page's one store, for all views.
import { Store } from "../store/store.ts";

export const store = new Store();

// A page that is left, or put to sleep, may not come back.
addEventListener("pagehide", () => store.session.peek().subscription.keep());
