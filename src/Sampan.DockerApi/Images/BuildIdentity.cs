namespace Sampan.DockerApi.Images;

/// <summary>A build that made an image.</summary>
public sealed record BuildIdentity
{
    /// <summary>Its id, by which it is found among past builds.</summary>
    public string Ref { get; init => field = value ?? ""; } = "";

    /// <summary>When it began, as RFC 3339.</summary>
    public string CreatedAt { get; init => field = value ?? ""; } = "";
}
