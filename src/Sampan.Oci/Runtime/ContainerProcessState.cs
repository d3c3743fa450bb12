namespace Sampan.Oci.Runtime;

/// <summary>What a runtime sends to an agent for filtered system calls. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#containerprocessstate">the specification</see>.</summary>
public sealed record ContainerProcessState
{
    /// <summary>The name of a filter's listener among <see cref="Fds"/>.</summary>
    public const string SeccompFd = "seccompFd";

    /// <summary>Version of the specification.</summary>
    public string OciVersion { get => field ?? ""; init; }

    /// <summary>Names of the descriptors that came with it, in their order.</summary>
    public IReadOnlyList<string> Fds { get => field ?? []; init; }

    /// <summary>The filtered process, as the runtime sees it.</summary>
    public int Pid { get; init; }

    /// <summary>Text for the agent, or null.</summary>
    public string? Metadata { get; init; }

    /// <summary>The state of its container.</summary>
    public ContainerState? State { get; init; }
}
