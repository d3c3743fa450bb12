namespace Sampan.Compose.Loading;

/// <summary>The content of a file by its absolute path; null: there is none. The only way from the loader to a disk. Other failures are <see cref="IOException"/>s.</summary>
public delegate string? FileReader(string path);
