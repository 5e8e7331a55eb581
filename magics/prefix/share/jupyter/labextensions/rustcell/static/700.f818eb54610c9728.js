"use strict";(self.rspackChunkrustcell=self.rspackChunkrustcell||[]).push([[700],{23(e,t,r){var o=r(24),l=r.n(o),n=r(25),a=(r.n(n))()(l());a.push([e.id,`/* Colours are the theme's own, so that they follow it into the dark. */

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
 * JupyterLab's own fall to 2.1 there. Outputs of other cells keep theirs.
 */
.jp-Cell:has(.rustcell-editor) .jp-OutputArea {
  --rustcell-red: #9c1c1c;
  --rustcell-green: #00591b;
  --rustcell-yellow: #6b4300;
  --rustcell-blue: #00469b;
  --rustcell-magenta: #7a1f7a;
  --rustcell-cyan: #00565c;
}

[data-jp-theme-light='false'] .jp-Cell:has(.rustcell-editor) .jp-OutputArea {
  --rustcell-red: #ff9d94;
  --rustcell-green: #83d692;
  --rustcell-yellow: #f2cc60;
  --rustcell-blue: #93bfff;
  --rustcell-magenta: #e9a8f0;
  --rustcell-cyan: #6fd6d6;
}

.jp-Cell:has(.rustcell-editor) .jp-OutputArea :is(.ansi-red-fg, .ansi-red-intense-fg) {
  color: var(--rustcell-red);
}

.jp-Cell:has(.rustcell-editor) .jp-OutputArea :is(.ansi-green-fg, .ansi-green-intense-fg) {
  color: var(--rustcell-green);
}

.jp-Cell:has(.rustcell-editor) .jp-OutputArea :is(.ansi-yellow-fg, .ansi-yellow-intense-fg) {
  color: var(--rustcell-yellow);
}

.jp-Cell:has(.rustcell-editor) .jp-OutputArea :is(.ansi-blue-fg, .ansi-blue-intense-fg) {
  color: var(--rustcell-blue);
}

.jp-Cell:has(.rustcell-editor) .jp-OutputArea :is(.ansi-magenta-fg, .ansi-magenta-intense-fg) {
  color: var(--rustcell-magenta);
}

.jp-Cell:has(.rustcell-editor) .jp-OutputArea :is(.ansi-cyan-fg, .ansi-cyan-intense-fg) {
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
`,""]),r.d(t,{},{A:a})},25(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",o=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),o&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),o&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,o,l,n){"string"==typeof e&&(e=[[null,e,void 0]]);var a={};if(o)for(var s=0;s<this.length;s++){var c=this[s][0];null!=c&&(a[c]=!0)}for(var i=0;i<e.length;i++){var u=[].concat(e[i]);o&&a[u[0]]||(void 0!==n&&(void 0===u[5]||(u[1]="@layer".concat(u[5].length>0?" ".concat(u[5]):""," {").concat(u[1],"}")),u[5]=n),r&&(u[2]&&(u[1]="@media ".concat(u[2]," {").concat(u[1],"}")),u[2]=r),l&&(u[4]?(u[1]="@supports (".concat(u[4],") {").concat(u[1],"}"),u[4]=l):u[4]="".concat(l)),t.push(u))}},t}},24(e){e.exports=function(e){return e[1]}},17(e){var t=[];function r(e){for(var r=-1,o=0;o<t.length;o++)if(t[o].identifier===e){r=o;break}return r}function o(e,o){for(var l={},n=[],a=0;a<e.length;a++){var s=e[a],c=o.base?s[0]+o.base:s[0],i=l[c]||0,u="".concat(c," ").concat(i);l[c]=i+1;var p=r(u),d={css:s[1],media:s[2],sourceMap:s[3],supports:s[4],layer:s[5]};if(-1!==p)t[p].references++,t[p].updater(d);else{var f=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(d,o);o.byIndex=a,t.splice(a,0,{identifier:u,updater:f,references:1})}n.push(u)}return n}e.exports=function(e,l){var n=o(e=e||[],l=l||{});return function(e){e=e||[];for(var a=0;a<n.length;a++){var s=r(n[a]);t[s].references--}for(var c=o(e,l),i=0;i<n.length;i++){var u=r(n[i]);0===t[u].references&&(t[u].updater(),t.splice(u,1))}n=c}}},19(e){var t={};e.exports=function(e,r){var o=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(r)}},21(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},20(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},18(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var o,l,n;o="",r.supports&&(o+="@supports (".concat(r.supports,") {")),r.media&&(o+="@media ".concat(r.media," {")),(l=void 0!==r.layer)&&(o+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),o+=r.css,l&&(o+="}"),r.media&&(o+="}"),r.supports&&(o+="}"),(n=r.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(n))))," */")),e.styleTagTransform(o,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},22(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}},16(e,t,r){var o=r(17),l=r.n(o),n=r(18),a=r.n(n),s=r(19),c=r.n(s),i=r(20),u=r.n(i),p=r(21),d=r.n(p),f=r(22),h=r.n(f),v=r(23),m={};m.styleTagTransform=h(),m.setAttributes=u(),m.insert=c().bind(null,"head"),m.domAPI=a(),m.insertStyleElement=d(),l()(v.A,m),v.A&&v.A.locals&&v.A.locals}}]);