namespace Sampan.DockerApi.Client;

/// <summary>A call of the Docker Engine API that failed: refused by the engine, or never answered.</summary>
public sealed class DockerApiException : Exception
{
    /// <summary>A refusal (<paramref name="statusCode"/> is the HTTP status) or, with null, a call that got no usable answer.</summary>
    public DockerApiException(int? statusCode, string message, Exception? cause = null)
        : base(message, cause) => StatusCode = statusCode;

    /// <summary>The HTTP status of the refusal; null: the engine could not be reached or broke off.</summary>
    public int? StatusCode { get; }

    /// <summary>The engine had the request, and its connection ended before the answer did: it stopped, or died.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Whether what was asked for does not exist (404).</summary>
    public bool IsNotFound => StatusCode == 404;

    /// <summary>Whether the state of things forbids it (409).</summary>
    public bool IsConflict => StatusCode == 409;
}
