// The compiler knows it by this name, wherever it is declared.
namespace System.Runtime;

/// <summary>A function of the program that is called as it is: not by way of a platform invoke, after which a collection that goes on would be awaited.</summary>
/// <param name="entryPoint">The name that the linker knows it by.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute(string entryPoint) : Attribute
{
    /// <summary>The name.</summary>
    public string EntryPoint => entryPoint;
}
