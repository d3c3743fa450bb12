namespace Sampan.Runtime.Filters;

/// <summary>An entry of <c>archMap</c>: a machine and the other interfaces its programs use.</summary>
internal sealed record DockerArchitecture
{
    public string Architecture { get => field ?? ""; init; }

    public IReadOnlyList<string> SubArchitectures { get => field ?? []; init; }
}
