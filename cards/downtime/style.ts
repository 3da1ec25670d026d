/** Black on white, lines and no grounds (printers leave grounds out); A4 and Letter alike, since nothing is as wide as either. */
export const style = `
@page { margin: 12mm 11mm 15mm;
  @bottom-left { content: "Patient data: keep it with you, shred it afterwards."; font: 8pt sans-serif; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: bold 9pt sans-serif; } }
* { box-sizing: border-box; }
body { font: 9.5pt/1.3 "Segoe UI", Arial, "Liberation Sans", sans-serif; color: #000; background: #fff; margin: 0; overflow-wrap: anywhere; }
h1 { font-size: 17pt; margin: 0 0 1mm; }
h2 { font-size: 11pt; margin: 5mm 0 1mm; }
p, ol, ul { margin: 0 0 2mm; }
ol, ul { padding-left: 6mm; }
.asof { font-size: 12pt; font-weight: bold; }
.counts { border-collapse: collapse; margin: 2mm 0; }
.counts th, .counts td { border: .3mm solid #000; padding: .8mm 3mm; text-align: right; }
.counts th:first-child { text-align: left; }
table.group { width: 100%; border-collapse: collapse; break-before: page; }
table.group > thead th { text-align: left; font-weight: normal; border-bottom: .6mm solid #000; padding: 0 0 1mm; }
.bar { display: flex; justify-content: space-between; align-items: baseline; gap: 4mm; }
.bar b { font-size: 13pt; }
tbody { break-inside: avoid; }
tbody > tr > td { border-bottom: .6mm solid #000; padding: 2mm 0; }
.case { display: grid; grid-template-columns: 25mm 1fr 61mm; column-gap: 3mm; }
.number { font: bold 14pt "Consolas", "Liberation Mono", monospace; }
.urgency { display: inline-block; border: .3mm solid #000; padding: 0 1.5mm; font-weight: bold; }
.first { border-width: 1mm; font-size: 13pt; }
.small { font-size: 8.5pt; }
.name { font-size: 12pt; font-weight: bold; }
.exam { font-size: 11pt; font-weight: bold; margin-top: .5mm; }
.warn { border-left: 1.2mm solid #000; padding-left: 1.5mm; margin: .6mm 0; font-size: 8.5pt; }
.warn b { font-size: 9pt; }
.due { font-weight: bold; }
.label { font-size: 8pt; }
.fill { display: grid; row-gap: 2.2mm; align-content: start; border-left: .3mm solid #000; padding-left: 3mm; }
.tick { display: flex; gap: 1.5mm; align-items: flex-end; }
.box { flex: none; width: 4mm; height: 4mm; border: .4mm solid #000; align-self: center; }
.line { flex: 1; border-bottom: .25mm solid #000; min-width: 8mm; height: 5mm; }
.notes { margin-top: 1.5mm; }
@media screen { body { max-width: 200mm; margin: 8mm auto; padding: 0 6mm; } table.group { margin-top: 12mm; } }
`;
