using Sampan.Compose.Documents;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Loading;

/// <summary>
/// Finds a project's files, directory and variables: options first, then <c>COMPOSE_FILE</c>, <c>COMPOSE_PROJECT_NAME</c>, <c>COMPOSE_PROFILES</c> and
/// <c>COMPOSE_ENV_FILES</c> (of the process or of <c>.env</c>), then <c>compose.yaml</c> and its older names here or in a directory above.
/// </summary>
public static class ProjectLocator
{
    /// <summary>The path that stands for standard input.</summary>
    public const string StandardInput = "-";

    private static readonly string[] s_names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    private static readonly string[] s_overrides = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

    /// <summary>What to load. Without any file its list of files is empty, and the rest is what was found all the same.</summary>
    public static LoadRequest Locate(LocateRequest said, FileReader read)
    {
        string here = said.WorkingDirectory;
        var envFiles = said.EnvironmentFiles.Count > 0 ? said.EnvironmentFiles : List(said.Environment.GetValueOrDefault("COMPOSE_ENV_FILES"), ",");
        IReadOnlyList<string> given = [.. envFiles.Select(f => Path.GetFullPath(f, here))];
        string? directory = said.Directory is { } d ? Path.GetFullPath(d, here) : null;
        var environment = Variables(directory ?? here);
        IReadOnlyList<string> files = said.Files.Count > 0 ? said.Files : List(environment.GetValueOrDefault("COMPOSE_FILE"), environment.GetValueOrDefault("COMPOSE_PATH_SEPARATOR", ":"));
        if (files.FirstOrDefault(ScalarShape.IsElsewhere) is { } remote) throw new ComposeException($"'{remote}' is no file of this machine: compose files of registries and repositories are not fetched");
        files = files.Count > 0 ? [.. files.Select(f => f == StandardInput ? f : Path.GetFullPath(f, here))] : Search(directory ?? here, read);
        if (directory is null)
        {
            directory = files.Count > 0 && files[0] != StandardInput ? Path.GetDirectoryName(files[0]) ?? "/" : here;
            if (directory != here) environment = Variables(directory);
        }
        return new LoadRequest
        {
            Files = files,
            Directory = directory,
            Name = said.Name ?? (environment.GetValueOrDefault("COMPOSE_PROJECT_NAME") is { Length: > 0 } name ? name : null),
            Environment = environment,
            EnvironmentFiles = given,
            Profiles = said.Profiles.Count > 0 ? said.Profiles : List(environment.GetValueOrDefault("COMPOSE_PROFILES"), ","),
            OldNames = said.OldNames || environment.GetValueOrDefault("COMPOSE_COMPATIBILITY") is "true" or "1",
            Home = said.Environment.GetValueOrDefault("HOME"),
        };

        IReadOnlyDictionary<string, string> Variables(string at) => ProjectEnvironment.Read(said.Environment, given.Count > 0 ? given : [Path.Combine(at, ".env")], given.Count > 0, read);
    }

    private static List<string> Search(string directory, FileReader read)
    {
        for (string? at = directory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (s_names.Select(n => Path.Combine(at, n)).FirstOrDefault(p => read(p) is not null) is not { } file) continue;
            var files = new List<string> { file };
            if (s_overrides.Select(n => Path.Combine(at, n)).FirstOrDefault(p => read(p) is not null) is { } above) files.Add(above);
            return files;
        }
        return [];
    }

    private static List<string> List(string? text, string separator) => text is null ? [] : [.. text.Split(separator.Length > 0 ? separator : ":", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
