using System.Globalization;

namespace Sampan.Storage.Volumes;

/// <summary>
/// Options of the local driver: Docker's <c>type</c>, <c>device</c>, <c>o</c> and <c>size</c>, and ours, <c>uid</c>, <c>gid</c> and <c>mode</c>, for the owner and
/// the permissions that the volume begins with.
/// </summary>
internal sealed record LocalVolumeOptions
{
    /// <summary>Type of the file system that is mounted; <c>none</c> for a bind; null: the data lies in the data root.</summary>
    internal string? Type { get; private init; }

    /// <summary>What is mounted; null: the data lies in the data root.</summary>
    internal string? Device { get; private init; }

    /// <summary>Options of the mount.</summary>
    internal IReadOnlyList<string> Words { get; private init; } = [];

    /// <summary>Owner; null: root.</summary>
    internal uint? Uid { get; private init; }

    /// <summary>Group; null: root.</summary>
    internal uint? Gid { get; private init; }

    /// <summary>Permissions; null: 0755.</summary>
    internal UnixFileMode? Mode { get; private init; }

    /// <summary>How many bytes it may hold; null: no limit of its own.</summary>
    internal long? Size { get; private init; }

    /// <summary>True if something is mounted for it while it is used.</summary>
    internal bool IsMounted => Device is not null;

    /// <summary>True if a directory is shown in its place.</summary>
    internal bool IsBind => Words.Contains("bind") || Words.Contains("rbind");

    /// <summary>Reads the options.</summary>
    /// <param name="options">As the user gave them.</param>
    /// <param name="before">Begins what is said of a wrong one.</param>
    /// <exception cref="StorageException">InvalidInput: one is not known, wrong, or missing.</exception>
    internal static LocalVolumeOptions Parse(IReadOnlyDictionary<string, string> options, string before)
    {
        try
        {
            return Parse(options);
        }
        catch (StorageException wrong) when (wrong.Kind == StorageError.InvalidInput)
        {
            throw new StorageException(wrong.Kind, before + wrong.Message, wrong);
        }
    }

    /// <summary>Reads options that were read before.</summary>
    /// <exception cref="StorageException">InvalidInput: one is not known, wrong, or missing.</exception>
    internal static LocalVolumeOptions Parse(IReadOnlyDictionary<string, string> options)
    {
        var read = new LocalVolumeOptions();
        foreach (var (key, value) in options)
        {
            read = key switch
            {
                "type" => read with { Type = value },
                "device" => read with { Device = value },
                "o" => read with { Words = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "uid" => read with { Uid = Id(key, value) },
                "gid" => read with { Gid = Id(key, value) },
                "mode" => read with { Mode = Permissions(value) },
                "size" => read with { Size = Bytes(value) },
                _ => throw Wrong($"invalid option: \"{key}\": the local driver knows type, device, o, size, uid, gid and mode"),
            };
        }

        if (read.Device is null && (read.Type is not null || read.Words.Count > 0))
            throw Wrong("missing required option: \"device\"");
        if (read.Device is not null && read.Type is null)
            throw Wrong("missing required option: \"type\"");
        if (read.Device is "" || read.Type is "")
            throw Wrong($"missing required option: \"{(read.Device is "" ? "device" : "type")}\"");
        if (read.IsBind && read.Device?.StartsWith('/') != true)
            throw Wrong($"invalid option: \"device\": '{read.Device}' is no absolute path: a bind needs one");
        if (read.Type == "none" && !read.IsBind)
            throw Wrong("invalid option: \"o\": with type 'none' it has to say bind or rbind");
        if (read.IsMounted && options.Keys.FirstOrDefault(key => key is "uid" or "gid" or "mode" or "size") is { } own)
            throw Wrong($"invalid option: \"{own}\": it is for volumes in the data root: what is mounted has options of its own, in \"o\" (tmpfs: o={own}=…)");
        return read;
    }

    private static uint Id(string key, string value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= int.MaxValue ? id : throw Wrong($"invalid option: \"{key}\": '{value}' is no numeric id");

    private static UnixFileMode Permissions(string value) =>
        value.Length is > 0 and <= 5 && value.All(c => c is >= '0' and <= '7') && Convert.ToInt32(value, 8) is var mode && mode <= 4095
            ? (UnixFileMode)mode
            : throw Wrong($"invalid option: \"mode\": '{value}' is no octal mode such as 0750");

    private static long Bytes(string value) =>
        ByteSize.TryParse(value, out var bytes) ? bytes : throw Wrong($"invalid option: \"size\": '{value}' is no size such as 512m or 10g");

    private static StorageException Wrong(string message) => new(StorageError.InvalidInput, message);
}
