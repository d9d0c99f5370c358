import { optionOf, withOption } from './ini.js';

export const DOCTOR_DRIVER = 'congress.datasources.doctor_driver.DoctorDriver';

const listOf = (value: string | undefined) =>
  (value ?? '')
    .split(/[\n,]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');

/**
 * congress.conf with the driver of the `doctor` data source. Without a list of drivers (since Pike) all of them are
 * loaded but the disabled ones.
 */
export function withDoctorDriver(text: string): string {
  const drivers = listOf(optionOf(text, 'DEFAULT', 'drivers'));
  const disabled = listOf(optionOf(text, 'DEFAULT', 'disabled_drivers'));
  const enabled = disabled.includes('doctor')
    ? withOption(text, 'DEFAULT', 'disabled_drivers', disabled.filter((each) => each !== 'doctor').join(','))
    : text;
  if (drivers.length === 0 || drivers.includes(DOCTOR_DRIVER)) return enabled;
  return withOption(enabled, 'DEFAULT', 'drivers', [...drivers, DOCTOR_DRIVER].join(','));
}
