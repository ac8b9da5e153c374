// Numbers as words, as reports write them: three significant digits, a true minus sign, narrow spaces between thousands.

const NONE = '–';
const THIN = '\u202f';

const sign = (value) => (value < 0 ? '−' : '');

function trimmed(text) {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** A number to three significant digits. */
export function plain(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-4 || size >= 1e9) return `${sign(value)}${size.toExponential(1).replace('e-', 'e−').replace('e+', 'e')}`;
  const digits = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return sign(value) + trimmed(size.toFixed(digits)).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, THIN);
}

/** A number with its sign. */
export function signed(value) {
  const text = plain(value);
  return value > 0 ? `+${text}` : text;
}

/** A share as a percentage; small ones that are not zero never read as 0 %, nor large ones as 100 %. */
export function percent(share) {
  if (share === null || share === undefined || !Number.isFinite(share)) return NONE;
  const size = Math.abs(share) * 100;
  if (size === 0) return `0${THIN}%`;
  if (size < 0.1) return `${sign(share)}<${THIN}0.1${THIN}%`;
  if (size >= 99.95 && size < 100) return `${sign(share)}>${THIN}99.9${THIN}%`;
  const text = size < 10 || (size >= 99 && size < 100) ? trimmed(size.toFixed(1)) : size.toFixed(0);
  return `${sign(share)}${text}${THIN}%`;
}

/** A difference of shares in percentage points. */
export function points(difference) {
  const size = Math.abs(difference) * 100;
  if (size === 0) return '0';
  if (size < 0.05) return `${difference < 0 ? '−' : '+'}<${THIN}0.1`;
  return `${difference < 0 ? '−' : '+'}${size < 10 ? trimmed(size.toFixed(1)) : size.toFixed(0)}`;
}

/** A quantity of the findings: its number, or why there is none. */
export function quantity({ value, percent: share, undefined: reason }) {
  if (value === null) return reason ? `not defined: ${reason}` : NONE;
  return share ? percent(value) : plain(value);
}

/** What a quantity changed by. */
export function change(now, before) {
  if (now?.value == null || before?.value == null) return null;
  const difference = now.value - before.value;
  if (Math.abs(difference) < 1e-12) return { text: 'as before', size: 0 };
  return { text: now.percent ? `${points(difference)} points` : signed(difference), size: difference };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The date of a period, as precise as its length needs. */
export function when(date, period, unit) {
  if (!date) return `${unit} ${period + 1}`;
  const [year, month, day] = date.split('-');
  if (unit === 'year') return year;
  const short = `${MONTHS[Number(month) - 1]} ${year}`;
  return unit === 'month' || unit === 'quarter' ? short : `${Number(day)} ${short}`;
}

/** A name as words. */
export function humane(name) {
  const text = String(name).replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
