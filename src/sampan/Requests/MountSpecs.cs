using System.Globalization;
using System.Text;
using Sampan.Cli.Arguments;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Requests;

/// <summary>Reader of --mount: comma-separated fields, quoted as in CSV.</summary>
internal static class MountSpecs
{
    public static MountRequest Parse(string spec)
    {
        var fields = Csv(spec).Select(f => (Name: (f.Contains('=') ? f[..f.IndexOf('=')] : f).Trim().ToLowerInvariant(), Value: f.Contains('=') ? f[(f.IndexOf('=') + 1)..] : null, Text: f)).ToList();
        string type = fields.LastOrDefault(f => f.Name == "type").Value?.ToLowerInvariant() ?? "volume";
        var mount = new MountRequest { Type = type };
        foreach (var (name, value, text) in fields)
        {
            if (value is null && name is not ("readonly" or "ro" or "volume-nocopy" or "bind-nonrecursive" or "bind-create-src"))
                throw new FormatException($"invalid field '{text}' must be a key=value pair");
            mount = Take(mount, name, value ?? "true", text);
        }
        if (mount.Target.Length == 0) throw new FormatException("target is required");
        if (mount.VolumeOptions is not null && type != "volume") throw new FormatException($"cannot mix 'volume-*' options with mount type '{type}'");
        if (mount.BindOptions is not null && type != "bind") throw new FormatException($"cannot mix 'bind-*' options with mount type '{type}'");
        if (mount.ImageOptions is not null && type != "image") throw new FormatException($"cannot mix 'image-*' options with mount type '{type}'");
        if (mount.IdMap is not null && type is not ("bind" or "volume")) throw new FormatException($"cannot use 'idmap' with mount type '{type}'");
        if (mount.BindOptions is { ReadOnlyNonRecursive: true } && !mount.ReadOnly) throw new FormatException("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
        if (mount.BindOptions is { ReadOnlyForceRecursive: true } && !mount.ReadOnly) throw new FormatException("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
        if (mount.BindOptions is { ReadOnlyForceRecursive: true, Propagation: not "rprivate" }) throw new FormatException("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
        if (mount.TmpfsOptions is not null && type != "tmpfs") throw new FormatException($"cannot mix 'tmpfs-*' options with mount type '{type}'");
        return mount;
    }

    private static MountRequest Take(MountRequest mount, string name, string value, string text)
    {
        var bind = mount.BindOptions ?? new BindOptions();
        var volume = mount.VolumeOptions ?? new VolumeOptions();
        var tmpfs = mount.TmpfsOptions ?? new TmpfsOptions();
        return name switch
        {
            "type" => mount,
            "source" or "src" => mount with { Source = mount.Type == "bind" && value.StartsWith('.') ? Path.GetFullPath(value) : value },
            "target" or "dst" or "destination" => mount with { Target = value },
            "readonly" or "ro" => mount with { ReadOnly = Flag(name, value) },
            "consistency" => mount with { Consistency = value.ToLowerInvariant() },
            "bind-propagation" => mount with { BindOptions = bind with { Propagation = value.ToLowerInvariant() } },
            "bind-nonrecursive" => mount with { BindOptions = bind with { NonRecursive = Flag(name, value) } },
            "bind-create-src" => mount with { BindOptions = bind with { CreateMountpoint = Flag(name, value) } },
            "bind-recursive" => mount with
            {
                BindOptions = value switch
                {
                    "enabled" => bind,
                    "disabled" => bind with { NonRecursive = true },
                    "writable" => bind with { ReadOnlyNonRecursive = true },
                    "readonly" => bind with { ReadOnlyForceRecursive = true },
                    _ => throw new FormatException($"invalid value for {name}: {value} (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")"),
                },
            },
            "idmap" => mount with { IdMap = value },
            "volume-nocopy" => mount with { VolumeOptions = volume with { NoCopy = Flag(name, value) } },
            "volume-subpath" => mount with { VolumeOptions = volume with { Subpath = value } },
            "volume-label" => mount with { VolumeOptions = volume with { Labels = Add(volume.Labels, value) } },
            "volume-driver" => mount with { VolumeOptions = volume with { DriverConfig = (volume.DriverConfig ?? new VolumeDriverConfig()) with { Name = value } } },
            "volume-opt" => mount with { VolumeOptions = volume with { DriverConfig = (volume.DriverConfig ?? new VolumeDriverConfig()) with { Options = Add(volume.DriverConfig?.Options, value) } } },
            "image-subpath" => mount with { ImageOptions = new ImageMountOptions { Subpath = value } },
            "tmpfs-size" => mount with { TmpfsOptions = tmpfs with { SizeBytes = Values.Bytes(value) } },
            "tmpfs-mode" => mount with { TmpfsOptions = tmpfs with { Mode = Mode(value) } },
            _ => throw new FormatException($"unexpected key '{name}' in '{text}'"),
        };
    }

    private static bool Flag(string name, string value)
    {
        try
        {
            return Values.Boolean(value);
        }
        catch (FormatException e)
        {
            throw new FormatException($"invalid value for {name}: {value}", e);
        }
    }

    private static int Mode(string value)
    {
        try
        {
            return Convert.ToInt32(value, 8);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw new FormatException($"invalid value for tmpfs-mode: {value}", e);
        }
    }

    private static Dictionary<string, string> Add(IReadOnlyDictionary<string, string>? before, string text)
    {
        int equals = text.IndexOf('=');
        return new Dictionary<string, string>(before ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            [equals < 0 ? text : text[..equals]] = equals < 0 ? "" : text[(equals + 1)..],
        };
    }

    /// <summary>The fields of one CSV line (RFC 4180).</summary>
    public static IReadOnlyList<string> Csv(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"' && (quoted || field.Length == 0)) quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(c);
        }
        if (quoted) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"unclosed quote in '{line}'"));
        fields.Add(field.ToString());
        return fields;
    }
}
