using Sampan.Cli.Commands;
using Sampan.Compose.Documents;
using Sampan.Compose.Loading;
using Sampan.Compose.Model;

namespace Sampan.Cli.Compose;

/// <summary>The project that a call is about: its files from the disk.</summary>
internal static class ComposeProject
{
    /// <summary>Loads the project; warnings go to stderr.</summary>
    public static Project Load(Invocation call, IReadOnlyList<string> targets, Func<LoadRequest, LoadRequest>? change = null)
    {
        var reader = new DiskReader(call);
        var request = Locate(call, reader.Read);
        if (request.Files.Count == 0) throw new CommandException("no configuration file provided: not found (expected compose.yaml here or above, -f FILE or COMPOSE_FILE)");
        request = request with { Targets = targets };
        var project = ProjectLoader.Load(change?.Invoke(request) ?? request, reader.Read);
        foreach (string warning in project.Warnings) call.Error.WriteLine("WARNING: " + warning);
        return project;
    }

    /// <summary>The project, or its name alone: commands that look at containers need no file when the name is known.</summary>
    public static (string Name, Project? Project) Find(Invocation call, IReadOnlyList<string>? targets = null)
    {
        var request = Locate(call, new DiskReader(call).Read);
        if (request.Files.Count == 0 && request.Name is { } name) return (name, null);
        var project = Load(call, targets ?? []);
        return (project.Name, project);
    }

    private static LoadRequest Locate(Invocation call, FileReader read) => ProjectLocator.Locate(
        new LocateRequest
        {
            WorkingDirectory = Environment.CurrentDirectory,
            Environment = Variables(),
            Files = call.Group.Get(ComposeOptions.File),
            Directory = call.Group.Get(ComposeOptions.Directory) is { Length: > 0 } d ? d : null,
            Name = call.Group.Get(ComposeOptions.Name) is { Length: > 0 } n ? n : null,
            EnvironmentFiles = call.Group.Get(ComposeOptions.EnvFile),
            Profiles = call.Group.Get(ComposeOptions.Profile),
            OldNames = call.Group.Get(ComposeOptions.Compatibility),
        },
        read);

    private static Dictionary<string, string> Variables()
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            if (entry is { Key: string key, Value: string value }) result[key] = value;
        return result;
    }

    /// <summary>Files from the disk, each read once, so that a second look sees what the first one saw; <c>-</c> is standard input.</summary>
    private sealed class DiskReader(Invocation call)
    {
        private const int MaxBytes = 64 << 20;
        private readonly Dictionary<string, string?> _known = new(StringComparer.Ordinal);

        public string? Read(string path) => _known.TryGetValue(path, out string? text) ? text : _known[path] = Fresh(path);

        private string? Fresh(string path)
        {
            if (path == ProjectLocator.StandardInput) return new StreamReader(call.Io.In).ReadToEnd();
            if (Directory.Exists(path) || !File.Exists(path)) return null;
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
                if (stream.Length > MaxBytes) throw new ComposeException($"cannot read '{path}': it is longer than {MaxBytes} bytes");
                return new StreamReader(stream).ReadToEnd();
            }
            catch (UnauthorizedAccessException e)
            {
                throw new ComposeException($"cannot read '{path}': permission denied", e);
            }
        }
    }
}
