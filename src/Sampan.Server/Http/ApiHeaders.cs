using Sampan.DockerApi;

namespace Sampan.Server.Http;

/// <summary>The headers of every answer, but to a path that has nothing.</summary>
internal static class ApiHeaders
{
    /// <summary>Name and value; by <c>Api-Version</c> and <c>Ostype</c> Docker's clients negotiate.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
    [
        new("Api-Version", ApiVersion.Newest.ToString()),
        new("Docker-Experimental", "false"),
        new("Ostype", "linux"),
        new("Server", $"Sampan/{EngineVersion.Own} (linux)"),
    ];
}
