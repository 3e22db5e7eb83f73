#include "callosum/report/page.h"
#include "callosum/report/palette.h"

namespace callosum::report {

namespace {

constexpr std::string_view rules = R"css(
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
main{max-width:1164px;margin:0 auto;padding:20px 20px 40px}
header{padding:0 2px}
.bar{display:flex;justify-content:space-between;align-items:center;min-height:34px}
.brand{display:inline-flex;gap:9px;align-items:center;font-weight:600;color:var(--accent);letter-spacing:.01em}
h1{font-size:31px;line-height:1.2;margin:22px 0 6px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:18px;line-height:1.3;margin:0;overflow-wrap:anywhere;letter-spacing:-.005em}
h3{font-size:15px;margin:22px 0 6px}
p{margin:10px 0;max-width:76ch}
.lead{margin:0;overflow-wrap:anywhere}
.reference,.note,figcaption{color:var(--soft);font-size:14px;line-height:1.5}
.reference{margin:4px 0 0;overflow-wrap:anywhere}
.note,figcaption{margin:12px 0 0;max-width:92ch}
.cards{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));margin:22px 0 0;background:var(--sheet);border:1px solid var(--edge);border-radius:10px;overflow:hidden}
.cards>div{padding:12px 16px 13px;min-width:0;box-shadow:0 0 0 .5px var(--edge)}
dt{color:var(--soft);font-size:13px;line-height:1.4}
dd{margin:0;overflow-wrap:anywhere}
.cards dd{font-size:21px;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
section,figure{margin:18px 0 0;padding:16px 20px 18px;background:var(--sheet);border:1px solid var(--edge);border-radius:10px}
.head{display:flex;justify-content:space-between;align-items:flex-start;gap:12px;margin-bottom:12px}
.exports{display:flex;gap:6px;flex:none}
[hidden]{display:none!important}
button{font:inherit;font-size:13px;line-height:1;padding:7px 10px;color:var(--ink);background:var(--sheet);border:1px solid var(--edge);border-radius:6px;cursor:pointer}
button:hover{background:var(--press);border-color:var(--accent)}
button:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
figure svg{display:block;width:100%;height:auto}
figure svg text{font-variant-numeric:tabular-nums}
figure svg.narrow{display:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px;font-variant-numeric:tabular-nums}
th{font-size:13px;font-weight:500;color:var(--soft);text-align:left;white-space:nowrap}
th,td{padding:7px 18px 7px 0;border-bottom:1px solid var(--rule);vertical-align:top}
tbody tr:last-child td{border-bottom:0}
th:last-child,td:last-child{padding-right:2px}
.number{text-align:right;white-space:nowrap}
td.name{overflow-wrap:anywhere}
td.name{position:relative;padding-left:19px}
th:first-child{min-width:112px}
td i{position:absolute;left:0;top:14px;width:10px;height:10px;border-radius:2px}
td small{display:none}
.facts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 36px;margin:0}
.facts>div{display:grid;grid-template-columns:minmax(96px,24%) minmax(0,1fr);gap:12px;padding:7px 0;border-bottom:1px solid var(--rule);font-size:15px}
.facts dt{font-size:14px;padding-top:1px}
.facts dd{font-variant-numeric:tabular-nums}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:13px}
code{background:var(--ground);border-radius:4px;padding:2px 5px}
summary{cursor:pointer;font-weight:500;padding:4px 0}
.code{position:relative;margin-top:8px}
.code button{position:absolute;top:8px;right:8px}
pre{margin:0;padding:14px 16px;line-height:1.5;background:var(--ground);border:1px solid var(--edge);border-radius:8px;overflow:auto;max-height:620px;tab-size:4}
.fine{color:var(--soft);font-size:13px;line-height:1.45;margin-top:3px}
.claims td{min-width:92px}
.claims td:nth-child(2){min-width:240px;max-width:470px}
.claims td:nth-child(3){min-width:170px}
.claims-list{list-style:none;margin:8px 0 14px;padding:0}
.claims-list li{display:flex;gap:12px;align-items:flex-start;padding:6px 0;border-bottom:1px solid var(--rule);font-size:15px}
.claims-list .verdict{flex:none;min-width:112px;text-align:center}
.claims-list .fine{display:block}
.verdict{display:inline-block;font-size:13px;font-weight:600;line-height:1;padding:5px 8px;border-radius:5px;border:1px solid currentColor;white-space:nowrap}
.verdict.holds{color:var(--good)}
.verdict.fails{color:var(--bad)}
.verdict.inconclusive{color:var(--doubt)}
.verdict.reported{color:var(--soft)}
footer{color:var(--soft);font-size:13px;padding:18px 2px 0}
@media (max-width:860px){
figure svg.wide{display:none}
figure svg.narrow{display:block;max-width:560px;margin:0 auto}
.facts{grid-template-columns:minmax(0,1fr)}
}
@media (max-width:560px){
main{padding:12px 12px 28px}
h1{font-size:25px;margin-top:16px}
section,figure{padding:13px 12px 14px}
.cards{grid-template-columns:repeat(2,minmax(0,1fr))}
.cards>div{padding:10px 12px 11px}
.cards dd{font-size:18px}
.model{display:none}
.claims thead{display:none}
.claims tr{display:block;padding:10px 0;border-bottom:1px solid var(--rule)}
.claims td,.claims td:nth-child(n){display:block;border:0;padding:3px 0;min-width:0;max-width:none;text-align:left;white-space:normal}
.claims td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:13px}
.claims-list li{display:block}
.claims-list .verdict{margin:0 8px 4px 0;min-width:0}
td small{display:block;color:var(--soft);font-size:12px;line-height:1.35}
table{font-size:14px}
th,td{padding:6px 9px 6px 0}
td i{top:12px}
.facts>div{grid-template-columns:104px minmax(0,1fr)}
}
@media print{
body{font-size:10.5pt;background:#fff}
main{max-width:none;padding:0}
section,figure{border:0;padding:6pt 0;break-inside:avoid}
.cards{border-radius:0}
button,details{display:none!important}
figure svg.wide{display:block}
figure svg.narrow{display:none}
}
)css";

}  // namespace

std::string style() {
  const std::string light = theme_variables(false), dark = theme_variables(true);
  // Print keeps the light variables whatever the screen shows.
  return ":root{color-scheme:light;" + light + "}\n@media screen and (prefers-color-scheme:dark){" +
         ":root:not([data-theme=light]){color-scheme:dark;" + dark + "}}\n" +
         "@media screen{:root[data-theme=dark]{color-scheme:dark;" + dark + "}}\n" +
         figure_rules() + std::string(rules);
}

}  // namespace callosum::report
