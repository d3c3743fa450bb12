namespace Sampan.DockerApi.Execs;

/// <summary>The body of POST /exec/{id}/start.</summary>
public sealed record ExecStartRequest
{
    /// <summary>Whether the process runs with nobody attached.</summary>
    public bool Detach { get; init; }

    /// <summary>Whether the process has a pseudo-terminal, as it was created.</summary>
    public bool Tty { get; init; }

    /// <summary>Height and width of the terminal at the start.</summary>
    public IReadOnlyList<int>? ConsoleSize { get; init; }
}
