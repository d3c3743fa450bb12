using System.Globalization;
using System.Text.Json;
using Sampan.Linux.Io;

namespace Sampan.Cli.Audit;

/// <summary>
/// Section 3 of the CIS Docker Benchmark: whose the engine's files are and who else may touch them; what of section 2 stands in its
/// configuration alone; and of section 1 where its files are and who may use it. Only for an engine on this machine; files that are not there, or not to be seen, are left out.
/// </summary>
internal static class FileAudit
{
    private const UnixFileMode Writes = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode Strangers = UnixFileMode.GroupRead | Writes | UnixFileMode.OtherRead;
    private const UnixFileMode Changes = UnixFileMode.UserWrite | Writes | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode AllButReading = Changes | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly EnumerationOptions s_allThatCanBeRead = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly string[] s_unitDirectories = ["/etc/systemd/system", "/lib/systemd/system", "/usr/local/lib/systemd/system"];

    /// <summary>The findings.</summary>
    /// <param name="socket">The engine's socket.</param>
    /// <param name="dataRoot">What it keeps.</param>
    /// <param name="root">Before every other path; empty: this machine's own.</param>
    /// <param name="owner">Whose the files have to be.</param>
    public static IEnumerable<AuditFinding> Of(string socket, string dataRoot, string root = "", uint owner = 0)
    {
        var configuration = root + "/etc/sampan/daemon.json";
        var settings = Read(configuration);
        yield return AuditFinding.Of("2.8", "engine", settings.ContainsKey("default-ulimits"), "gives containers limits (ulimits) of its own", "gives containers no limits (ulimits) that its configuration names", $"set \"default-ulimits\" in {configuration}");

        if (FileStatus.TryOf(dataRoot, out var data) && FileStatus.TryOf(Path.Combine(dataRoot, ".."), out var above))
            yield return AuditFinding.Of("1.1.1", dataRoot, data.FileSystem != above.FileSystem, "is a file system of its own", "shares its file system with the host: containers can fill it", "mount a file system of its own there, or name a directory of one: \"data-root\"");
        if (FileStatus.TryOf(socket, out var door) && Members(root + "/etc/group", door.Gid) is { } group)
            yield return AuditFinding.Of("1.1.2", socket, group.Members.Length == 0, $"is for nobody of group {group.Name} beside root", $"makes root of all in group {group.Name}: {group.Members}", $"take out who need not be root here: gpasswd -d USER {group.Name}");

        foreach (var (owned, closed, path, forbidden, mode) in Files(socket, dataRoot, root, settings))
        {
            if (!FileStatus.TryOf(path, out var status))
                continue;
            if (owned is not null)
                yield return AuditFinding.Of(owned, path, status.Uid == owner, $"belongs to user {owner}", $"belongs to user {status.Uid}", $"chown {owner} {path}");
            if (closed is null)
                continue;
            var octal = $"has mode {Convert.ToString((int)status.Mode & 0b111_111_111, 8)}";
            yield return AuditFinding.Of(closed, path, (status.Mode & forbidden) == 0, octal, octal, $"chmod {mode} {path}");
        }
    }

    // The check of the owner, that of the mode, the file, what others may not, the mode to give it.
    private static IEnumerable<(string? Owned, string? Closed, string Path, UnixFileMode Forbidden, string Mode)> Files(string socket, string dataRoot, string root, IReadOnlyDictionary<string, string> settings)
    {
        yield return (null, "1.1", dataRoot, Strangers, "710");
        foreach (var directory in s_unitDirectories)
        {
            yield return ("3.1", "3.2", $"{root}{directory}/sampan.service", Writes, "644");
            yield return ("3.3", "3.4", $"{root}{directory}/sampan.socket", Writes, "644");
        }

        yield return ("3.5", "3.6", $"{root}/etc/sampan", Writes, "755");
        foreach (var certificate in new[] { "sampan", "docker" }.Select(name => $"{root}/etc/{name}/certs.d").Where(Directory.Exists).SelectMany(directory => Directory.EnumerateFiles(directory, "*.c*rt", s_allThatCanBeRead)))
            yield return ("3.7", "3.8", certificate, Changes, "444");
        foreach (var (key, owned, closed, forbidden, mode) in new[] { ("tlscacert", "3.9", "3.10", Changes, "444"), ("tlscert", "3.11", "3.12", Changes, "444"), ("tlskey", "3.13", "3.14", AllButReading, "400") })
        {
            if (settings.TryGetValue(key, out var path) && path.Length > 0)
                yield return (owned, closed, path, forbidden, mode);
        }

        yield return ("3.15", "3.16", socket, Others, "660");
        yield return ("3.17", "3.18", $"{root}/etc/sampan/daemon.json", Writes, "644");
        yield return ("3.19", "3.20", $"{root}/etc/default/sampan", Writes, "644");
        yield return ("3.22", "3.21", $"{root}/etc/sysconfig/sampan", Writes, "644");
    }

    // Line: NAME:x:GID:USER,USER.
    private static (string Name, string Members)? Members(string path, uint gid)
    {
        try
        {
            var number = gid.ToString(CultureInfo.InvariantCulture);
            return File.ReadLines(path).Select(line => line.Split(':')).Where(parts => parts is [_, _, var id, _] && id == number).Select(parts => ((string, string)?)(parts[0], parts[3].Replace(",", ", ", StringComparison.Ordinal).Trim())).FirstOrDefault();
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Texts as they are, everything else as it is written; a file that cannot be read says nothing.
    private static Dictionary<string, string> Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.EnumerateObject().DistinctBy(member => member.Name, StringComparer.Ordinal).ToDictionary(member => member.Name, member => member.Value.ToString(), StringComparer.Ordinal) : [];
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
