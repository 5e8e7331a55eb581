"use strict";(self.rspackChunkrustcell=self.rspackChunkrustcell||[]).push([[700],{23(e,t,r){var l=r(24),a=r.n(l),o=r(25),n=r.n(o),s=r(26),i=r.n(s),c=new URL(r(27),r.b),u=new URL(r(28),r.b),p=new URL(r(29),r.b),d=new URL(r(30),r.b),f=new URL(r(31),r.b),h=new URL(r(32),r.b),g=new URL(r(33),r.b),m=new URL(r(34),r.b),v=n()(a()),w=i()(c),b=i()(u),j=i()(p),x=i()(d),y=i()(f),k=i()(h),A=i()(g),L=i()(m);v.push([e.id,`/*
 * Colours are the theme's own, so that they follow it into the dark; but where JupyterLab's are
 * too near to their paper for text (a contrast of 4.5) or a mark (3), they are ours.
 */

[data-jp-theme-light='true'] .rustcell-editor {
  --jp-mirror-editor-meta-color: #8a10d6;
  --jp-mirror-editor-bracket-color: #6b6b4b;
  --jp-mirror-editor-number-color: #007000;
}

[data-jp-theme-light='false'] .rustcell-editor {
  --jp-mirror-editor-meta-color: #cc8cff;
  --jp-mirror-editor-def-color: #4dabf5;
}

[data-jp-theme-light='true'] .rustcell-editor .cm-lintRange-warning {
  background-image: url(${w});
}

[data-jp-theme-light='true'] .rustcell-editor .cm-lintRange-info {
  background-image: url(${b});
}

[data-jp-theme-light='false'] .rustcell-editor .cm-lintRange-error {
  background-image: url(${j});
}

[data-jp-theme-light='false'] .rustcell-editor .cm-lint-marker-error {
  content: url(${x});
}

[data-jp-theme-light='false'] .rustcell-editor .cm-lint-marker-info {
  content: url(${y});
}

[data-jp-theme-light='true'] .rustcell-editor .cm-lint-marker-error {
  content: url(${k});
}

[data-jp-theme-light='true'] .rustcell-editor .cm-lint-marker-warning {
  content: url(${A});
}

[data-jp-theme-light='true'] .rustcell-editor .cm-lint-marker-info {
  content: url(${L});
}

.rustcell-status {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.rustcell-editor .cm-tooltip-lint,
.rustcell-editor .cm-panel-lint ul,
.rustcell-editor .cm-panel-lint ul [aria-selected] {
  color: var(--jp-ui-font-color0);
  background: var(--jp-layout-color1);
}

.rustcell-editor .cm-panel-lint ul [aria-selected] {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}

.rustcell-editor .cm-tooltip-lint {
  max-width: min(80ch, 90vw);
  font-family: var(--jp-code-font-family);
  font-size: var(--jp-code-font-size);
}

.rustcell-editor .cm-diagnosticText {
  white-space: pre-wrap;
}

.rustcell-editor .cm-diagnosticAction {
  cursor: pointer;
}

/*
 * The compiler's colours, to be read (a contrast of 4.5 and more) on the paper of an error as well:
 * JupyterLab's own fall to 2.1 there. The result of an exercise is a section with a name. Outputs
 * of other cells keep theirs.
 */
.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea {
  --rustcell-red: #9c1c1c;
  --rustcell-green: #00591b;
  --rustcell-yellow: #6b4300;
  --rustcell-blue: #00469b;
  --rustcell-magenta: #7a1f7a;
  --rustcell-cyan: #00565c;
}

[data-jp-theme-light='false'] .jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea {
  --rustcell-red: #ff9d94;
  --rustcell-green: #83d692;
  --rustcell-yellow: #f2cc60;
  --rustcell-blue: #93bfff;
  --rustcell-magenta: #e9a8f0;
  --rustcell-cyan: #6fd6d6;
}

.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea :is(.ansi-red-fg, .ansi-red-intense-fg) {
  color: var(--rustcell-red);
}

.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea :is(.ansi-green-fg, .ansi-green-intense-fg) {
  color: var(--rustcell-green);
}

.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea :is(.ansi-yellow-fg, .ansi-yellow-intense-fg) {
  color: var(--rustcell-yellow);
}

.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea :is(.ansi-blue-fg, .ansi-blue-intense-fg) {
  color: var(--rustcell-blue);
}

.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea :is(.ansi-magenta-fg, .ansi-magenta-intense-fg) {
  color: var(--rustcell-magenta);
}

.jp-Cell:has(.rustcell-editor, .jp-OutputArea section[aria-label]) .jp-OutputArea :is(.ansi-cyan-fg, .ansi-cyan-intense-fg) {
  color: var(--rustcell-cyan);
}

.rustcell-course {
  padding: 0 12px 12px;
  overflow: auto;
  color: var(--jp-ui-font-color1);
  background: var(--jp-layout-color1);
}

.rustcell-course h2 {
  font-size: var(--jp-ui-font-size2);
}

.rustcell-course progress {
  width: 100%;
  accent-color: var(--jp-brand-color1);
}

.rustcell-course li {
  margin: 4px 0;
}

.rustcell-course ul {
  padding-left: 0;
  list-style: none;
}

.rustcell-course details {
  padding-left: 20px;
}

.rustcell-course a {
  text-decoration: underline;
  color: var(--jp-content-link-color, var(--jp-brand-color0));
}

.rustcell-course :is(a, summary):focus-visible {
  outline: 2px solid var(--jp-brand-color1);
}
`,""]),r.d(t,{},{A:v})},25(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",l=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),l&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),l&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,l,a,o){"string"==typeof e&&(e=[[null,e,void 0]]);var n={};if(l)for(var s=0;s<this.length;s++){var i=this[s][0];null!=i&&(n[i]=!0)}for(var c=0;c<e.length;c++){var u=[].concat(e[c]);l&&n[u[0]]||(void 0!==o&&(void 0===u[5]||(u[1]="@layer".concat(u[5].length>0?" ".concat(u[5]):""," {").concat(u[1],"}")),u[5]=o),r&&(u[2]&&(u[1]="@media ".concat(u[2]," {").concat(u[1],"}")),u[2]=r),a&&(u[4]?(u[1]="@supports (".concat(u[4],") {").concat(u[1],"}"),u[4]=a):u[4]="".concat(a)),t.push(u))}},t}},26(e){e.exports=function(e,t){return(t||(t={}),e&&(e=String(e.__esModule?e.default:e),/^['"].*['"]$/.test(e)&&(e=e.slice(1,-1)),t.hash&&(e+=t.hash),/["'() \t\n]|(%20)/.test(e)||t.needQuotes))?'"'.concat(e.replace(/"/g,'\\"').replace(/\n/g,"\\n"),'"'):e}},24(e){e.exports=function(e){return e[1]}},17(e){var t=[];function r(e){for(var r=-1,l=0;l<t.length;l++)if(t[l].identifier===e){r=l;break}return r}function l(e,l){for(var a={},o=[],n=0;n<e.length;n++){var s=e[n],i=l.base?s[0]+l.base:s[0],c=a[i]||0,u="".concat(i," ").concat(c);a[i]=c+1;var p=r(u),d={css:s[1],media:s[2],sourceMap:s[3],supports:s[4],layer:s[5]};if(-1!==p)t[p].references++,t[p].updater(d);else{var f=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(d,l);l.byIndex=n,t.splice(n,0,{identifier:u,updater:f,references:1})}o.push(u)}return o}e.exports=function(e,a){var o=l(e=e||[],a=a||{});return function(e){e=e||[];for(var n=0;n<o.length;n++){var s=r(o[n]);t[s].references--}for(var i=l(e,a),c=0;c<o.length;c++){var u=r(o[c]);0===t[u].references&&(t[u].updater(),t.splice(u,1))}o=i}}},19(e){var t={};e.exports=function(e,r){var l=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!l)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");l.appendChild(r)}},21(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},20(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},18(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var l,a,o;l="",r.supports&&(l+="@supports (".concat(r.supports,") {")),r.media&&(l+="@media ".concat(r.media," {")),(a=void 0!==r.layer)&&(l+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),l+=r.css,a&&(l+="}"),r.media&&(l+="}"),r.supports&&(l+="}"),(o=r.sourceMap)&&"u">typeof btoa&&(l+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),e.styleTagTransform(l,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},22(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}},16(e,t,r){var l=r(17),a=r.n(l),o=r(18),n=r.n(o),s=r(19),i=r.n(s),c=r(20),u=r.n(c),p=r(21),d=r.n(p),f=r(22),h=r.n(f),g=r(23),m={};m.styleTagTransform=h(),m.setAttributes=u(),m.insert=i().bind(null,"head"),m.domAPI=n(),m.insertStyleElement=d(),a()(g.A,m),g.A&&g.A.locals&&g.A.locals},30(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="15" fill="%23f43" stroke="%23fa9" stroke-width="6"/></svg>'},32(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="15" fill="%23f87" stroke="%23d11" stroke-width="6"/></svg>'},31(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><path fill="%2377e" stroke="%23aaf" stroke-width="6" stroke-linejoin="round" d="M5 5L35 5L35 35L5 35Z"/></svg>'},34(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><path fill="%23aaf" stroke="%2355c" stroke-width="6" stroke-linejoin="round" d="M5 5L35 5L35 35L5 35Z"/></svg>'},33(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><path fill="%23fe8" stroke="%23a85400" stroke-width="6" stroke-linejoin="round" d="M20 6L37 35L3 35Z"/></svg>'},28(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="6" height="3"><path d="m0 2.5 l2 -1.5 l1 0 l2 1.5 l1 0" stroke="%23666" fill="none" stroke-width=".7"/></svg>'},27(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="6" height="3"><path d="m0 2.5 l2 -1.5 l1 0 l2 1.5 l1 0" stroke="%23a85400" fill="none" stroke-width=".7"/></svg>'},29(e){e.exports='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="6" height="3"><path d="m0 2.5 l2 -1.5 l1 0 l2 1.5 l1 0" stroke="%23ff5c52" fill="none" stroke-width=".7"/></svg>'}}]);