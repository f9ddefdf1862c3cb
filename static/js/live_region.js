// What is said to who does not see the page: the one live region, for every script.
const TOGETHER_MS = 2000;
let sentences = [];

// What several parts say at the same time is heard together; none takes the word from another.
// Of one `topic` only the newest sentence counts.
export function say(sentence, topic = null) {
  const region = document.getElementById("said");
  if (!region || !sentence) return;
  const now = performance.now();
  const stays = (one) => now - one.at < TOGETHER_MS && one.sentence !== sentence && (!topic || one.topic !== topic);
  sentences = [...sentences.filter(stays), { at: now, sentence, topic }];
  const text = sentences.map((one) => one.sentence).join(" ");
  if (region.textContent !== text) region.textContent = text;
}
