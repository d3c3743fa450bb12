using Sampan.Linux.Io;

namespace Sampan.Linux.Proc;

/// <summary>
/// One line of <see href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">/proc/PID/mountinfo</see>:
/// <code>
/// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
/// (1)(2)(3)   (4)   (5)      (6)      (7)   (8) (9)   (10)         (11)
/// </code>
/// </summary>
public sealed record MountInfoEntry
{
    /// <summary>(1) Number of the mount.</summary>
    public required int Id { get; init; }

    /// <summary>(2) Number of the mount it lies on.</summary>
    public required int ParentId { get; init; }

    /// <summary>(3) Device of the file system.</summary>
    public required DeviceNumber Device { get; init; }

    /// <summary>(4) The directory of the file system that is mounted.</summary>
    public required string Root { get; init; }

    /// <summary>(5) Where it is mounted.</summary>
    public required string MountPoint { get; init; }

    /// <summary>(6) Options of this mount.</summary>
    public required string Options { get; init; }

    /// <summary>(7) Peer group it shares mounts with, or null.</summary>
    public int? SharedGroup { get; init; }

    /// <summary>(7) Peer group it receives mounts from, or null.</summary>
    public int? MasterGroup { get; init; }

    /// <summary>(7) True if it may not be bind-mounted.</summary>
    public bool Unbindable { get; init; }

    /// <summary>(9) Kind of file system.</summary>
    public required string FileSystem { get; init; }

    /// <summary>(10) What the file system calls its source.</summary>
    public required string Source { get; init; }

    /// <summary>(11) Options of the file system.</summary>
    public required string SuperOptions { get; init; }

    /// <summary>Parses one line without its newline.</summary>
    /// <param name="line">The line.</param>
    /// <param name="entry">The mount, or null.</param>
    /// <param name="reason">What is wrong, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MountInfoEntry? entry, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? reason)
    {
        entry = null;
        var fields = new FieldReader(line);
        if (!fields.TryNextInt(out var id))
            return Fail("field 1 (mount id) is no number", out reason);
        if (!fields.TryNextInt(out var parent))
            return Fail("field 2 (parent id) is no number", out reason);
        if (!fields.TryNext(out var device) || !TryDevice(device, out var number))
            return Fail("field 3 (device) is not major:minor", out reason);
        if (!fields.TryNext(out var root) || !fields.TryNext(out var point) || !fields.TryNext(out var options))
            return Fail("fields 4 to 6 (root, mount point, options) are incomplete", out reason);

        int? shared = null, master = null;
        var unbindable = false;
        while (true)
        {
            if (!fields.TryNext(out var tag))
                return Fail("field 8 (the separator '-') is missing", out reason);
            if (tag.SequenceEqual("-"u8))
                break;
            if (tag.StartsWith("shared:"u8) && FieldReader.TryInt(tag[7..], out var peers))
                shared = peers;
            else if (tag.StartsWith("master:"u8) && FieldReader.TryInt(tag[7..], out peers))
                master = peers;
            else if (tag.SequenceEqual("unbindable"u8))
                unbindable = true; // tags that are not known are to be ignored, says the man page
        }

        if (!fields.TryNext(out var fileSystem) || !fields.TryNext(out var source))
            return Fail("fields 9 and 10 (file system, source) are incomplete", out reason);
        fields.TryNext(out var super); // an empty one leaves no field

        reason = null;
        entry = new MountInfoEntry
        {
            Id = id,
            ParentId = parent,
            Device = number,
            Root = OctalEscapes.Decode(root),
            MountPoint = OctalEscapes.Decode(point),
            Options = OctalEscapes.Decode(options),
            SharedGroup = shared,
            MasterGroup = master,
            Unbindable = unbindable,
            FileSystem = OctalEscapes.Decode(fileSystem),
            Source = OctalEscapes.Decode(source),
            SuperOptions = OctalEscapes.Decode(super),
        };
        return true;
    }

    private static bool TryDevice(ReadOnlySpan<byte> text, out DeviceNumber device)
    {
        device = default;
        var colon = text.IndexOf((byte)':');
        if (colon < 0 || !FieldReader.TryInt(text[..colon], out var major) || !FieldReader.TryInt(text[(colon + 1)..], out var minor))
            return false;
        device = new DeviceNumber((uint)major, (uint)minor);
        return true;
    }

    private static bool Fail(string why, out string reason)
    {
        reason = why;
        return false;
    }
}
