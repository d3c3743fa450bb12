namespace Sampan.Oci.Runtime;

/// <summary>Limit of huge pages of one size. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#huge-page-limits">the specification</see>.</summary>
public sealed record HugepageLimit
{
    /// <summary>Size such as <c>2MB</c>.</summary>
    public string PageSize { get => field ?? ""; init; }

    /// <summary>Bytes.</summary>
    public ulong Limit { get; init; }
}
