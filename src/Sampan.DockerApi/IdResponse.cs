namespace Sampan.DockerApi;

/// <summary>The answer of calls that only make something: its id.</summary>
public sealed record IdResponse
{
    /// <summary>The id of what was made.</summary>
    public string Id { get; init => field = value ?? ""; } = "";
}
