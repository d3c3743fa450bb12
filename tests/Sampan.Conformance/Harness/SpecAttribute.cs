namespace Sampan.Conformance.Harness;

/// <summary>
/// The part of the <see href="https://github.com/opencontainers/runtime-spec/tree/v1.2.0">OCI runtime specification</see> that a test holds the runtime to,
/// such as <c>runtime.md#start</c>; or, for what the specification leaves to the command line, runc's manual: <c>runc-exec(8)</c>. Tests of registries cite the
/// <see href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">distribution specification</see>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SpecAttribute(string section) : Attribute
{
    /// <summary>The section.</summary>
    public string Section { get; } = section;
}
