using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands;

/// <summary>Failures of the engine's calls in words.</summary>
internal static class Failure
{
    /// <summary>What the engine said, marked as docker marks it; or why the engine could not be reached and what to do.</summary>
    public static string Text(DockerApiException e) => e.StatusCode is null ? e.Message : "Error response from daemon: " + e.Message;

    /// <summary>Whether it concerns what was asked, so that the next may still succeed: not an engine that cannot be reached.</summary>
    public static bool IsOfOne(DockerApiException e) => e.StatusCode is not null || (e.InnerException is null && !e.IsCutOff);

    public static string Unreachable(DockerApiException e, DockerEndpoint endpoint)
    {
        if (e.InnerException is null) return e.Message;
        string cause = e.Message[(e.Message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
        return $"Cannot connect to the Sampan daemon at {endpoint.Text}. Is the sampan daemon running?\n({cause}; start it as root with 'sampand', or name another engine with -H, SAMPAN_HOST or DOCKER_HOST)";
    }
}
