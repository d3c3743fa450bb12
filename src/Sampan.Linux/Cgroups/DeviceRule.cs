using Sampan.Linux.Io;

namespace Sampan.Linux.Cgroups;

/// <summary>One rule of device access.</summary>
public sealed record DeviceRule
{
    /// <summary>Allow or deny.</summary>
    public required bool Allow { get; init; }

    /// <summary><see cref="FileKind.CharacterDevice"/>, <see cref="FileKind.BlockDevice"/>, or null for all devices.</summary>
    public FileKind? Kind { get; init; }

    /// <summary>Major number, or null for any.</summary>
    public uint? Major { get; init; }

    /// <summary>Minor number, or null for any.</summary>
    public uint? Minor { get; init; }

    /// <summary>What is allowed or denied.</summary>
    public required DeviceAccess Access { get; init; }

    /// <summary>True if it speaks of every device and every access.</summary>
    public bool IsForAll => Kind is null && Major is null && Minor is null && Access == DeviceAccess.All;

    /// <summary>As the v1 controller reads it: <c>c 1:3 rwm</c>.</summary>
    /// <remarks>The kernel takes <c>a</c> as all devices with all access whatever follows; use it for <see cref="IsForAll"/> only.</remarks>
    internal string Format(FileKind? kind) =>
        $"{(kind == FileKind.BlockDevice ? 'b' : 'c')} {Number(Major)}:{Number(Minor)} {(Access.HasFlag(DeviceAccess.Read) ? "r" : "")}{(Access.HasFlag(DeviceAccess.Write) ? "w" : "")}{(Access.HasFlag(DeviceAccess.Make) ? "m" : "")}";

    private static string Number(uint? number) => number?.ToString() ?? "*";
}
