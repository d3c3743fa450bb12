using System.Text.Json;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi;

/// <summary>Reads the answers that <c>run</c>, <c>create</c> and <c>exec</c> get, without the serializer: see <see cref="RequestJson"/>.</summary>
internal static class ResponseJson
{
    internal static ContainerCreateResponse ReadCreated(JsonElement json) => new()
    {
        Id = ReadId(json),
        Warnings = Member(json, "Warnings") is { ValueKind: JsonValueKind.Array } warnings ? [.. warnings.EnumerateArray().Select(static one => one.GetString() ?? "")] : null,
    };

    internal static WaitResponse ReadWait(JsonElement json) => new()
    {
        StatusCode = Member(json, "StatusCode") is { ValueKind: JsonValueKind.Number } code ? code.GetInt64() : 0,
        Error = Member(json, "Error") is { ValueKind: JsonValueKind.Object } error ? new WaitError { Message = Member(error, "Message")?.GetString() ?? "" } : null,
    };

    internal static string ReadId(JsonElement json) => Member(json, "Id")?.GetString() ?? "";

    /// <summary>The exit code of an exec; null while it runs.</summary>
    internal static int? ReadExitCode(JsonElement json) => Member(json, "ExitCode") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : null;

    // Without regard to case, as the serializer and Docker's own decoder do it.
    private static JsonElement? Member(JsonElement json, string name)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        }
        return null;
    }
}
