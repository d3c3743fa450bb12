namespace Sampan.Compose.Running;

/// <summary>Is told what becomes of a network, a volume, an image or a container: its kind and name, what happens, and why (empty: it goes without saying).</summary>
public delegate void ComposeProgress(string resource, string state, string reason);
