import GRDB
import TOMLKit
