export { type NodeRole, SETTING_NAMES, SETTINGS, type Setting, type SettingName } from './setting.js';
