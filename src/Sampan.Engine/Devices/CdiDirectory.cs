using System.Text.Json;

namespace Sampan.Engine.Devices;

/// <summary>
/// The devices that the CDI files of some directories describe, read anew each time: vendors' tools write them while the daemon runs. Of two files
/// that have the same device the one in the later directory counts; twice in one directory it is nobody's.
/// </summary>
internal sealed class CdiDirectory
{
    private const long MaxBytes = 4 << 20;

    private readonly Dictionary<CdiName, (CdiDevice Device, CdiSpec Spec, int Rank)> _devices = [];
    private readonly HashSet<CdiName> _conflicts = [];
    private readonly List<string> _problems = [];
    private readonly IReadOnlyList<string> _directories;

    private CdiDirectory(IReadOnlyList<string> directories) => _directories = directories;

    /// <summary>All devices, in the order of their names.</summary>
    public IEnumerable<CdiName> Names => _devices.Keys.Except(_conflicts).OrderBy(name => name.ToString(), StringComparer.Ordinal);

    /// <summary>Files that could not be read, and why.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reads all files; those that are wrong are left out and told when a device is missing.</summary>
    public static CdiDirectory Read(IReadOnlyList<string> directories)
    {
        var all = new CdiDirectory(directories);
        for (var rank = 0; rank < directories.Count; rank++)
        {
            if (!Directory.Exists(directories[rank]))
                continue;
            foreach (var file in Directory.EnumerateFiles(directories[rank]).Where(f => Path.GetExtension(f) is ".json" or ".yaml" or ".yml").Order(StringComparer.Ordinal))
                all.Add(file, rank);
        }

        return all;
    }

    /// <summary>What a container needs that has these devices: each file's common part once, before its devices.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: there is no such device.</exception>
    public IReadOnlyList<CdiEdits> Resolve(IReadOnlyList<string> wanted)
    {
        var edits = new List<CdiEdits?>();
        var specs = new HashSet<CdiSpec>(ReferenceEqualityComparer.Instance);
        var missing = new List<string>();
        foreach (var text in wanted.Distinct(StringComparer.Ordinal))
        {
            if (!CdiName.TryParse(text, out var name) || _conflicts.Contains(name) || !_devices.TryGetValue(name, out var found))
            {
                missing.Add(text);
                continue;
            }

            if (specs.Add(found.Spec))
                edits.Add(found.Spec.ContainerEdits);
            edits.Add(found.Device.ContainerEdits);
        }

        return missing.Count == 0 ? [.. edits.OfType<CdiEdits>()]
            : throw EngineException.Invalid($"CDI device injection failed: unresolvable CDI devices {string.Join(", ", missing)}: no specification in {string.Join(" or ", _directories)} has them{Why(missing)}");
    }

    private string Why(List<string> missing)
    {
        var twice = _conflicts.Select(name => name.ToString()).Intersect(missing).ToList();
        var reasons = (twice.Count > 0 ? [$"{string.Join(", ", twice)}: described twice in one directory"] : Enumerable.Empty<string>()).Concat(_problems).ToList();
        return reasons.Count == 0 ? "" : $" ({string.Join("; ", reasons)})";
    }

    private void Add(string file, int rank)
    {
        try
        {
            var spec = Load(file);
            foreach (var device in spec.Devices)
            {
                var name = new CdiName(spec.Kind, device.Name);
                if (_devices.TryGetValue(name, out var other) && other.Rank == rank)
                    _conflicts.Add(name);
                else if (_devices.ContainsKey(name))
                    _conflicts.Remove(name);
                _devices[name] = (device, spec, rank);
            }
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException or IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{file}: {wrong.Message}");
        }
    }

    private static CdiSpec Load(string file)
    {
        if (new FileInfo(file).Length > MaxBytes)
            throw new FormatException($"it is larger than {MaxBytes} bytes");
        var text = File.ReadAllText(file);
        var spec = (Path.GetExtension(file) == ".json" ? JsonSerializer.Deserialize(text, CdiJson.Default.CdiSpec) : YamlJson.Read(text).Deserialize(CdiJson.Default.CdiSpec))
            ?? throw new FormatException("it is empty");
        if (!Version.TryParse(spec.CdiVersion, out var version) || version.Major > 1)
            throw new FormatException($"its version '{spec.CdiVersion}' is not known");
        if (!CdiName.IsKind(spec.Kind))
            throw new FormatException($"its kind '{spec.Kind}' is not vendor/class");
        foreach (var device in spec.Devices.Where(device => !CdiName.IsDevice(device.Name)))
            throw new FormatException($"'{device.Name}' is no name for a device");
        return spec;
    }
}
