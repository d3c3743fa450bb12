namespace Sampan.Cli.Audit;

/// <summary>Section 3 of the CIS Docker Benchmark: who may touch the engine's files. Only for an engine on this machine; files that are not there, or not to be seen, are left out.</summary>
internal static class FileAudit
{
    private const UnixFileMode GroupAndOthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<AuditFinding> Of(string socket, string dataRoot)
    {
        List<(string Check, string Path, UnixFileMode Forbidden, string Fix)> files =
        [
            ("3.16", socket, Others, "chmod 660"),
            ("3.18", "/etc/sampan/daemon.json", GroupAndOthersWrite, "chmod 644"),
            ("3.2", "/lib/systemd/system/sampan.service", GroupAndOthersWrite, "chmod 644"),
            ("3.6", "/etc/sampan", GroupAndOthersWrite, "chmod 755"),
            ("1.1", dataRoot, UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite, "chmod 710"),
        ];
        foreach (var (check, path, forbidden, fix) in files.Where(file => Path.Exists(file.Path)))
        {
            UnixFileMode mode;
            try
            {
                mode = File.GetUnixFileMode(path);
            }
            catch (UnauthorizedAccessException)
            {
                continue;
            }

            var octal = Convert.ToString((int)mode & 0b111_111_111, 8);
            yield return AuditFinding.Of(check, path, (mode & forbidden) == 0, $"has mode {octal}", $"has mode {octal}", $"{fix} {path}");
        }
    }
}
