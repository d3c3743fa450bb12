using Sampan.Linux.Io;

namespace Sampan.Linux.Cgroups;

/// <summary>Use of one block device.</summary>
/// <param name="Device">Which.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="WrittenBytes">Bytes written.</param>
/// <param name="Reads">Number of reads.</param>
/// <param name="Writes">Number of writes.</param>
public sealed record BlockIoStatistics(DeviceNumber Device, ulong ReadBytes, ulong WrittenBytes, ulong Reads, ulong Writes);
