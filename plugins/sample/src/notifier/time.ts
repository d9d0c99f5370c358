/** UTC without zone and with six digits, as Aodh writes its times. @param ms since the epoch */
export const pythonTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000`;
