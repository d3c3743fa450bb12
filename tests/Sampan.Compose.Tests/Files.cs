using Sampan.Compose.Documents;
using Sampan.Compose.Loading;
using Sampan.Compose.Model;

namespace Sampan.Compose.Tests;

/// <summary>A disk of a test: files by path, below /app.</summary>
internal sealed class Files : Dictionary<string, string>
{
    public const string Directory = "/app";

    public Files() : base(StringComparer.Ordinal)
    {
    }

    public static Project Load(string yaml, params (string Name, string Value)[] environment) => new Files { ["/app/compose.yaml"] = yaml }.Load(["/app/compose.yaml"], environment);

    /// <summary>What is wrong with a file, a line each.</summary>
    public static IReadOnlyList<string> Problems(string yaml) => new Files { ["/app/compose.yaml"] = yaml }.Problems("/app/compose.yaml");

    public IReadOnlyList<string> Problems(params string[] files) => [.. Should.Throw<ComposeException>(() => Load(files)).Problems.Select(p => p.ToString())];

    public Project Load(IReadOnlyList<string> files, params (string Name, string Value)[] environment) => Load(new LoadRequest
    {
        Files = files,
        Directory = Directory,
        Home = "/home/me",
        Environment = environment.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal),
    });

    public Project Load(LoadRequest request) => ProjectLoader.Load(request, path => this.GetValueOrDefault(path));
}
