// The compiler knows it by this name; it is public in none of the framework's assemblies.
namespace System.Runtime;

/// <summary>Gives a static method a name for the linker, and no transition into managed code: it can be called before there is a .NET runtime.</summary>
/// <param name="entryPoint">The name.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
{
    /// <summary>The name.</summary>
    internal string EntryPoint { get; } = entryPoint;
}
