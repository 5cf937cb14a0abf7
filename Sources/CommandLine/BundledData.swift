import Files
import Glibc

enum BundledData { static func modelPath(_ name: String) throws -> String { name } }
