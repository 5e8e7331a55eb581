import { LabIcon } from '@jupyterlab/ui-components';

// A gear with an R: drawn for rustcell.
const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" style="fill: none" stroke="#616161" stroke-width="2">
    <circle cx="12" cy="12" r="8.5"/>
    <path stroke-dasharray="2 3.34" stroke-width="3" d="M12 1.8a10.2 10.2 0 1 0 .01 0"/>
    <path stroke-linecap="round" stroke-linejoin="round" d="M9.5 16V8h3.2a2.3 2.3 0 0 1 0 4.6H9.5m3 0 2.8 3.4"/>
  </g>
</svg>`;

export const rustIcon = new LabIcon({ name: 'rustcell:rust', svgstr });

// An open book: drawn for rustcell.
const book = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M3 4.5h6.5A2.5 2.5 0 0 1 12 6.6a2.5 2.5 0 0 1 2.5-2.1H21v14h-6.2
    c-1.3 0-2.3.5-2.8 1.5-.5-1-1.5-1.5-2.8-1.5H3zm2 2v10h4.2c.7 0 1.3.1 1.8.3V8c0-.9-.6-1.5-1.5-1.5zm14
    0h-4.500c-.9 0-1.500.6-1.500 1.500v8.800c.5-.2 1.100-.3 1.800-.3H19z"/>
</svg>`;

export const courseIcon = new LabIcon({ name: 'rustcell:course', svgstr: book });
